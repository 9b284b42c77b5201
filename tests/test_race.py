"""The race's own arithmetic, on records that are made up: nothing is timed here."""

import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from benchmarks.cases import CASES, Case, Net, case_of
from benchmarks.contestants.aejax_ import spec_of
from benchmarks.field import AbsentError, Contestant, Course, Runner
from benchmarks.race import raced
from benchmarks.race_compare import main as compare
from benchmarks.race_page import page
from benchmarks.ratios import limits, ratios, report, shares

DEEP = CASES["deep-64"]


def record(ours: list[float], theirs: list[float], **changes: Any) -> dict[str, Any]:
    """A race in which two modes of PyTorch took part, the second ten times slower than the first."""
    products = Case("products", "products", size=1000, epochs=1)
    limit = {"case": products.told(), "flops": products.flops, "bytes": 0}
    case = {"case": DEEP.told(), "flops": DEEP.flops, "bytes": 0}
    times = {"aejax": ours, "torch eager": theirs, "torch compiled": [10 * seconds for seconds in theirs]}
    learnt = {"losses": {"aejax": 90.0, "torch eager": 99.0, "torch compiled": 99.0}, "again": {}}
    prepared = dict.fromkeys(times, 1.0)
    told = {"torch eager": {"family": "torch"}, "torch compiled": {"family": "torch"}, "aejax": {"family": "aejax"}}
    cases = {
        "products": limit | {"times": {"aejax": [0.02, 0.01]}, "losses": {}, "prepared": {"aejax": 1.0}, "absent": {}},
        "deep-64": case | {"times": times, "prepared": prepared, "absent": {}} | learnt | changes,
    }
    machine = {"system": "Linux", "processor": "made up", "cores": 2}
    where = {"platform": "cpu", "precision": "float32", "rounds": len(ours), "python": "3.11"}
    where |= {"undisturbed": False, "load": 0.1}
    return {"date": "2026-01-01", "machine": machine, "contestants": told, "cases": cases, "alone": {}} | where


def test_the_products_of_a_training_are_counted_as_by_hand() -> None:
    weights = 784 * 128 + 128 * 64 + 64 * 32
    # Forward, the gradients of the weights, and those of every layer's input but the first's.
    assert DEEP.net.training_flops == 2 * (2 * weights + 2 * weights + 2 * weights - 784 * 128)
    assert DEEP.used == 9984
    assert DEEP.flops == DEEP.epochs * 9984 * DEEP.net.training_flops
    conv = Net("conv", (16, 1), latent=None).products
    assert conv == (28 * 28 * 9 * 16, 14 * 14 * 9 * 16, 14 * 14 * 9 * 16, 28 * 28 * 9 * 16)
    assert sum(Net("recurrent", (64,), latent=2).products) == (
        28 * 3 * 64 * (28 + 64) + 64 * 2 + 2 * 64 + 3 * 64 * 2 + 28 * 3 * 64 * 64 + 28 * 64 * 28
    )
    assert CASES["products"].flops == 2 * CASES["products"].epochs * 2048**3


@pytest.mark.parametrize("name", CASES)
def test_a_case_survives_its_way_to_a_contestant_and_aejax_can_build_it(name: str) -> None:
    case = CASES[name]
    assert case_of(json.loads(json.dumps(case.told()))) == case
    assert spec_of(case.net).latent_size((28, 28)) == (case.net.latent or 49)


def test_a_ratio_is_to_the_best_mode_and_holds_only_at_equal_loss() -> None:
    (row,) = ratios(record([1.0, 2.0], [4.0, 4.0]))
    assert (row.best, row.least, row.median, row.aim, row.holds) == ("torch eager", 4.0, 3.0, 3.0, True)
    assert row.loss is None
    worse = ratios(record([1.0, 2.0], [4.0, 4.0], again={"aejax": [100.0, 100.0], "torch": [90.0, 90.0]}))[0]
    assert worse.loss == pytest.approx(1 / 9)
    assert worse.holds is False
    noisy = ratios(record([1.0, 2.0], [4.0, 4.0], again={"aejax": [80.0, 120.0], "torch": [90.0, 94.0]}))[0]
    assert noisy.holds is True, "seeds that differ by more than the means do tell nothing"
    assert ratios(record([2.0, 2.0], [4.0, 4.0]))[0].holds is False


def test_shares_are_of_the_greatest_rate_of_the_same_run() -> None:
    told = record([1.0], [4.0])
    assert limits(told)["products"].rate == pytest.approx(200.0)
    ours, best = shares(told)
    assert ours.rate == pytest.approx(DEEP.flops / 1e9)
    assert ours.share == pytest.approx(DEEP.flops / 1e9 / 200.0)
    assert best.contestant == "torch eager"
    assert best.share == pytest.approx(ours.share / 4)


def test_a_ratio_that_fell_by_more_than_a_fifth_is_flagged(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    paths = [tmp_path / f"{name}.json" for name in ("kept", "same", "slower")]
    for path, seconds in zip(paths, (1.0, 1.2, 1.3), strict=True):
        path.write_text(json.dumps(record([seconds], [4.0])))
    assert compare(paths[0], paths[1]) == 0
    assert "FELL" not in capsys.readouterr().out
    assert compare(paths[0], paths[2]) == 1
    assert "4.00 ->   3.08  FELL" in capsys.readouterr().out
    assert compare(paths[0], tmp_path / "none.json") == 2


def test_a_contestant_that_cannot_be_had_is_reported_and_the_race_goes_on(tmp_path: Path) -> None:
    images = tmp_path / "images.npy"
    np.save(images, np.zeros((20, 28, 28), np.uint8))
    gone = Contestant("nobody", "nobody", "no_such_module")
    lost = Contestant("no interpreter", "nobody", "torch_")
    runners = [
        Runner(gone, Course(sys.executable)),
        Runner(lost, Course(str(tmp_path / "python"))),
        Runner(Contestant("numpy", "scikit-learn", "sklearn_", is_peer=False), Course(sys.executable)),
    ]
    case, contestants = Case("products", "products", size=8, images=20), dict[str, Any]()
    try:
        found = raced(case, runners, images, 2, 1, contestants)
        with pytest.raises(AbsentError, match="has no train"):
            runners[2].ask("prepare", case=DEEP.told(), images=str(images), rounds=1, seed=0)
    finally:
        for runner in runners:
            runner.stop()
    assert list(found["times"]) == ["numpy"]
    assert len(found["times"]["numpy"]) == 2
    assert "no_such_module" in found["absent"]["nobody"]
    assert "cannot be started" in found["absent"]["no interpreter"]
    told = record([1.0], [4.0]) | {"contestants": record([1.0], [4.0])["contestants"] | contestants}
    assert "- nobody: " in report(told)


def test_the_page_holds_the_tables_and_escapes_what_it_is_told() -> None:
    told = record([1.0, 2.0], [4.0, 4.0])
    told["machine"]["processor"] = "<script>alert(1)</script>"
    drawn = page(told)
    assert "&lt;script&gt;alert(1)" in drawn
    assert "<td>torch eager</td>" in drawn
    assert "times faster, fastest rounds" in drawn
