"""Settings from a command line: whatever is written is made or refused in one sentence."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from aejax.overrides import overridden
from aejax.parts.bottlenecks import Point
from aejax.parts.networks import Conv, Dense
from aejax.parts.sparsity import L1
from aejax.settings import SpecError
from aejax.spec import ModelSpec, TrainSpec

SPEC, TRAIN = ModelSpec(), TrainSpec()


def changed(*assignments: str) -> tuple[ModelSpec, TrainSpec]:
    return overridden(SPEC, TRAIN, assignments)


@pytest.mark.parametrize(
    "assignments, expected",
    [
        ([], SPEC),
        (["spec.latent=2"], SPEC.replace(latent=2)),
        ([" spec.latent = 2 "], SPEC.replace(latent=2)),
        (["spec.latent=2", "spec.latent=3"], SPEC.replace(latent=3)),
        (["spec.encoder.widths=128,64"], SPEC.replace(encoder=Dense(widths=(128, 64)))),
        (["spec.encoder.widths=128"], SPEC.replace(encoder=Dense(widths=(128,)))),
        (["spec.encoder.widths=[128, 64]"], SPEC.replace(encoder=Dense(widths=(128, 64)))),
        (["spec.encoder.widths="], SPEC),
        (["spec.encoder=conv", "spec.encoder.channels=8,1"], SPEC.replace(encoder=Conv(channels=(8, 1)))),
        (["spec.encoder=conv", "spec.latent=none"], SPEC.replace(encoder=Conv(), latent=None)),
        (['spec.encoder={"kind": "conv", "kernel": 5}'], SPEC.replace(encoder=Conv(kernel=5))),
        (["spec.encoder.kind=conv"], SPEC.replace(encoder=Conv())),
        (["spec.bottleneck.activation=relu"], SPEC.replace(bottleneck=Point(activation="relu"))),
        (["spec.penalties=l1", "spec.penalties.0.weight=0.5"], SPEC.replace(penalties=(L1(weight=0.5),))),
        (["spec.penalties=l1,l1"], SPEC.replace(penalties=(L1(), L1()))),
        (["spec.decoder=dense"], SPEC.replace(decoder=Dense())),
        (["spec.decoder=dense", "spec.decoder=none"], SPEC),
    ],
)
def test_the_model_is_as_written(assignments: list[str], expected: ModelSpec) -> None:
    assert changed(*assignments) == (expected, TRAIN)


@pytest.mark.parametrize("written, value", [("true", True), ("False", False), ("1", True), ("no", False)])
def test_truth_values_are_read(written: str, value: bool) -> None:
    _, train = changed("train.optimizer=sgd", f"train.optimizer.nesterov={written}")
    assert train.optimizer.nesterov is value  # type: ignore[attr-defined]


def test_another_optimizer_takes_its_usual_learning_rate() -> None:
    assert changed("train.optimizer=adadelta")[1].learning_rate == 1.0


@pytest.mark.parametrize("order", [1, -1])
def test_a_learning_rate_that_is_given_stays_whatever_the_order(order: int) -> None:
    _, train = changed(*["train.learning_rate=0.02", "train.optimizer=adadelta"][::order])
    assert (train.optimizer.kind, train.learning_rate) == ("adadelta", 0.02)


@pytest.mark.parametrize(
    "assignment, message",
    [
        ("latent", "--set takes NAME=VALUE, such as spec.latent=2 or train.epochs=5; got 'latent'"),
        ("latent=2", r"begin with spec\. or train\., .*; got 'latent' \(did you mean spec\.latent\?\)"),
        ("encoder.widths=2", r"\(did you mean spec\.encoder\.widths\?\)"),
        ("epochs=2", r"\(did you mean train\.epochs\?\)"),
        ("sepc.latent=2", r"\(did you mean spec\.latent\?\)"),
        ("spec=2", "begin with spec. or train."),
        ("spec.=2", "begin with spec. or train."),
        ("spec.latnt=2", r"^spec\.latnt is not a setting \(did you mean latent\?\): the settings are latent, corr"),
        ("spec.encoder.width=2", r"^spec\.encoder\.width is not a setting \(did you mean widths\?\)"),
        ("spec.latent=0", r"^spec\.latent must be greater than or equal to 1; got '0'"),
        ("spec.latent=many", r"^spec\.latent must be a valid integer.*; got 'many'"),
        ("spec.latent=nan", r"^spec\.latent must be"),
        ("train.learning_rate=inf", r"^train\.learning_rate must be"),
        ("spec.encoder=dens", r"^spec\.encoder must be one of .*\(did you mean dense\?\)"),
        ("spec.encoder=[1", r"^spec\.encoder must be JSON where it begins with a bracket"),
        ('spec.encoder={"kind": [1]}', r"^spec\.encoder must be one of"),
        ("spec.decoder.widths=3", r"^spec\.decoder\.widths cannot be set"),
        ("spec.penalties.0.weight=3", r"^spec\.penalties\.'0' must be the number of an entry"),
        ("spec.self=3", r"^spec\.self is not a setting"),
    ],
)
def test_a_wrong_assignment_is_answered_in_one_sentence(assignment: str, message: str) -> None:
    with pytest.raises(SpecError, match=message) as caught:
        changed(assignment)
    assert "\n" not in str(caught.value)


PATHS = st.sampled_from(
    ["spec.latent", "spec.encoder", "spec.encoder.widths", "spec.penalties", "spec.penalties.0", "spec.decoder.kind"]
    + ["spec.corruption.sd", "train.epochs", "train.optimizer", "train.optimizer.b1", "train.learning_rate", "train.²"]
)
VALUES = st.one_of(
    st.text(max_size=8),
    st.integers().map(str),
    st.floats().map(str),
    st.sampled_from(
        ["conv", "l1", "l1,l1", "gaussian", "none", "true", "128,64", "9" * 5000, "[" * 2000, "{}", "[null]"]
    ),
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(max_size=3),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "widths", "a"]), inner),
        max_leaves=5,
    ).map(lambda value: str(value).replace("'", '"')),
)


@given(st.lists(st.one_of(st.text(max_size=12), st.tuples(PATHS, VALUES).map("=".join)), max_size=4))
def test_whatever_is_written_is_made_or_refused(assignments: list[str]) -> None:
    try:
        spec, train = changed(*assignments)
    except SpecError:
        return
    assert ModelSpec.model_validate_json(spec.model_dump_json()) == spec
    assert TrainSpec.model_validate_json(train.model_dump_json()) == train
