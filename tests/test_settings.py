import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

import aejax
from aejax.optimizers import OPTIMIZERS
from aejax.parts.bottlenecks import BOTTLENECKS
from aejax.parts.corruptions import CORRUPTIONS
from aejax.parts.likelihoods import LIKELIHOODS
from aejax.parts.networks import NETWORKS, Dense
from aejax.parts.penalties import PENALTIES
from aejax.parts.sparsity import L1
from aejax.settings import SpecError, is_live, live_numbers, structure, with_numbers
from aejax.spec import ModelSpec, TrainSpec

TABLES = {
    "corruption": CORRUPTIONS,
    "encoder": NETWORKS,
    "bottleneck": BOTTLENECKS,
    "likelihood": LIKELIHOODS,
    "penalties": PENALTIES,
}
PARTS = [
    pytest.param(slot, part, id=f"{slot}-{kind}") for slot, table in TABLES.items() for kind, part in table.items()
]
EVERY_PART = [*(part for table in TABLES.values() for part in table.values()), *OPTIMIZERS.values()]


@pytest.mark.parametrize("slot, part", PARTS)
def test_every_part_round_trips_through_json_in_its_slot(slot, part):
    spec = ModelSpec(**{slot: (part(),) if slot == "penalties" else part()})
    again = ModelSpec.model_validate_json(spec.model_dump_json())
    assert again == spec
    assert hash(again) == hash(spec)
    assert type(getattr(again, slot)) is type(getattr(spec, slot))


@pytest.mark.parametrize("part", EVERY_PART, ids=lambda part: f"{part.__module__}.{part.__name__}")
def test_every_parameter_is_declared_whole(part):
    for name, field in part.model_fields.items():
        if name == "kind":
            continue
        assert field.description, f"{name} has no help"
        assert field.default is not None
        numeric = isinstance(field.default, int | float) and not isinstance(field.default, bool)
        bounds = {type(limit).__name__ for limit in field.metadata}
        assert not numeric or (bounds & {"Ge", "Gt"} and bounds & {"Le", "Lt"}), f"{name} has no bounds"


@pytest.mark.parametrize("name", list(aejax.zoo))
def test_every_zoo_entry_round_trips_through_json(name):
    entry = aejax.zoo[name]
    assert ModelSpec.model_validate_json(entry.spec.model_dump_json()) == entry.spec
    assert TrainSpec.model_validate_json(entry.train.model_dump_json()) == entry.train


@pytest.mark.parametrize(
    "settings, message",
    [
        ({"latent": 0}, "latent must be greater than or equal to 1; got 0"),
        ({"latent": 2.5}, "latent must be a valid integer, .*got 2.5"),
        ({"latnet": 2}, "latnet is not a setting \\(did you mean latent\\?\\)"),
        ({"encoder": "dence"}, "encoder must be one of dense, .*; got 'dence' \\(did you mean dense\\?\\)"),
        ({"encoder": {"kind": "dense", "widths": (0,)}}, "encoder.widths.0 must be greater than or equal to 1; got 0"),
        ({"encoder": {"widths": (3,)}}, "encoder must be one of dense"),
        ({"encoder": Dense(), "likelihood": 7}, "likelihood must be one of bernoulli, .*; got 7"),
        ({"corruption": {"kind": "gaussian", "sd": float("nan")}}, "corruption.sd must be a finite number; got nan"),
        ({"bottleneck": {"kind": "point", "activation": "rleu"}}, "bottleneck.activation must be one of .*mean relu"),
        ({"penalties": ({"kind": "l1", "weight": -1},)}, "penalties.0.weight must be greater than .* 0; got -1"),
    ],
)
def test_a_bad_spec_is_refused_in_one_sentence(settings, message):
    with pytest.raises(SpecError, match=message) as caught:
        ModelSpec(**settings)
    assert "\n" not in str(caught.value)


def test_bad_json_is_refused_in_one_sentence():
    with pytest.raises(SpecError, match="settings Invalid JSON"):
        ModelSpec.model_validate_json("{")
    with pytest.raises(SpecError, match="epochs must be less than or equal to 100000; got 1000000000"):
        TrainSpec.model_validate_json('{"epochs": 1000000000}')


@given(
    st.recursive(
        st.none() | st.booleans() | st.floats() | st.text(), lambda v: st.lists(v) | st.dictionaries(st.text(), v)
    )
)
def test_any_other_json_value_is_refused_with_a_spec_error(value):
    with pytest.raises(SpecError):
        ModelSpec(encoder=value)


def test_settings_cannot_be_changed_in_place():
    with pytest.raises(ValueError, match="frozen"):
        ModelSpec().latent = 3  # type: ignore[misc]


def test_replace_reaches_into_parts_and_validates():
    spec = ModelSpec().replace(latent=2, **{"encoder.widths": "128, 64", "bottleneck.activation": "relu"})
    assert spec.encoder == Dense(widths=(128, 64))
    assert str(spec) == "dense(widths=128,64) > 2 point(activation=relu) > mirror > bernoulli"
    assert spec.replace(**{"encoder.kind": "conv"}).encoder == NETWORKS["conv"]()
    assert spec.replace(**{"encoder.kind": "dense"}).encoder.widths == (128, 64)
    with pytest.raises(SpecError, match="^encoder.width is not a setting \\(did you mean widths\\?\\)"):
        spec.replace(**{"encoder.width": 3})
    with pytest.raises(SpecError, match="^encoder.widths.0 must be less than or equal to 16384"):
        spec.replace(**{"encoder.widths": (10**9,)})
    with pytest.raises(SpecError, match="belongs to a part that is None"):
        spec.replace(**{"decoder.widths": (3,)})


def test_replace_reaches_into_a_numbered_penalty():
    spec = ModelSpec(penalties=(L1(), L1(weight=2.0)))
    assert spec.replace(**{"penalties.1.weight": 3}).penalties == (L1(), L1(weight=3.0))
    with pytest.raises(SpecError, match=re.escape("'2' must be the number of an entry, below 2")):
        spec.replace(**{"penalties.2.weight": 3})


def test_the_learning_rate_is_the_optimizers_usual_one_unless_given():
    assert TrainSpec().learning_rate == 1e-3
    assert TrainSpec(optimizer="adadelta").learning_rate == 1.0
    assert TrainSpec(optimizer="adadelta", learning_rate=0.5).learning_rate == 0.5
    with pytest.raises(SpecError, match="^optimizer must be one of .*; got 'adm'"):
        TrainSpec(optimizer="adm")


def test_another_optimizer_brings_its_usual_learning_rate():
    recipe = TrainSpec(learning_rate=0.03)
    assert recipe.replace(optimizer="adadelta").learning_rate == 1.0
    assert recipe.replace(optimizer="adadelta", learning_rate=0.5).learning_rate == 0.5
    assert recipe.replace(**{"optimizer.kind": "sgd"}).learning_rate == 1e-3
    assert recipe.replace(**{"optimizer.b1": 0.5}).learning_rate == 0.03


def test_live_numbers_are_lifted_out_of_the_structure():
    spec = ModelSpec(
        corruption={"kind": "gaussian", "sd": 0.3}, bottleneck={"kind": "gaussian", "beta": 4}, penalties=("l1",)
    )
    numbers = live_numbers(spec)
    assert numbers["corruption.sd"] == 0.3
    assert numbers["bottleneck.beta"] == 4.0
    assert numbers["penalties.0.weight"] == L1().weight
    other = spec.replace(**{"corruption.sd": 0.7, "bottleneck.beta": 1.0, "penalties.0.weight": 9.0})
    assert structure(spec) == structure(other) != spec
    assert with_numbers(structure(other), numbers) == spec


def test_the_numbers_that_may_change_while_training_are_the_promised_ones():
    live = {
        f"{part.__name__}.{name}"
        for part in (*EVERY_PART, TrainSpec)
        for name in part.model_fields
        if is_live(part, name)
    }
    promised = {"TrainSpec.learning_rate", "GaussianNoise.sd", "GaussianPosterior.beta", "L1.weight"}
    assert promised <= live
