"""The command line: what it does, what it says, and its exit status, in-process and once as a program."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet
import pytest
from typer.testing import CliRunner

import aejax
from aejax.cli import app, main
from aejax.data import DATASETS, load_data
from aejax.metrics import METRICS
from aejax.quality import evidence, measure
from aejax.run import load_run
from aejax.training import progress_of
from aejax.zoo import ZOO

SMALL = ["--data", "digits", "--set", "train.epochs=2", "--set", "spec.encoder.widths=16"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small run on disk."""
    folder = tmp_path_factory.mktemp("runs") / "map"
    assert main(["train", "map", *SMALL, "--out", str(folder)]) == 0
    return folder


def failure(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str]:
    """Exit status and the one sentence on standard error."""
    capsys.readouterr()
    status = main(arguments)
    said = capsys.readouterr()
    assert re.fullmatch(r"aejax: [^\n]+\n", said.err)
    assert "Traceback" not in said.out
    return status, said.err


def lines(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, Any]]:
    """The JSON objects that a command prints, and nothing else."""
    capsys.readouterr()
    assert main(arguments) == 0
    said = capsys.readouterr()
    assert said.err == ""
    return [json.loads(line, parse_constant=pytest.fail) for line in said.out.splitlines()]


COMMANDS = [
    "app",
    "train",
    "resume",
    "embed",
    "datasets",
    "bring",
    "sweep",
    "zoo",
    "show",
    "measure",
    "export",
    "import",
]


@pytest.mark.parametrize("command", [(), *((name,) for name in COMMANDS)])
def test_help_teaches(command: tuple[str, ...]) -> None:
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    assert "Usage: " in result.output
    if command not in [("datasets",), ("zoo",)]:
        assert f"\n  aejax {' '.join(command)}" in result.output


def test_without_a_command_it_says_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "Commands:" in capsys.readouterr().out


def test_the_version_is_that_of_the_package(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"aejax {aejax.__version__}\n"


def test_a_run_is_trained_saved_and_told_of_in_plain_lines(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "map", *SMALL, "--out", str(tmp_path / "run"), "--seed", "7"]) == 0
    said = capsys.readouterr()
    assert said.err == ""
    assert "dense(widths=16, activation=silu) > 2 point > mirror > bernoulli" in said.out
    line = r"^epoch 2 of 2  loss \d+\.\d+  held out \d+\.\d+  \d+\.\d s, [\d,]+ examples/s$"
    assert re.search(line, said.out, re.MULTILINE)
    assert re.search(r"sse +\d+\.\d+ +squared error per example", said.out)
    run = aejax.load_run(tmp_path / "run")
    assert (run.train.epochs, run.train.seed, run.spec.encoder.widths) == (2, 7, (16,))  # type: ignore[attr-defined]
    assert len(run.history) == 2


def test_json_is_one_object_a_line_from_start_to_done(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run"
    start, first, second, done = lines(capsys, "train", "map", *SMALL, "--json", "--out", str(out))
    assert [line["event"] for line in (start, first, second, done)] == ["start", "epoch", "epoch", "done"]
    assert (start["data"], start["examples"], start["spec"]["latent"]) == ("digits", 1437, 2)
    assert (first["epoch"], second["epoch"]) == (1, 2)
    run = aejax.load_run(out)
    assert second["terms"] == run.history[1].terms
    assert second["validation"] == run.history[1].validation
    assert done["evaluation"] == run.evaluate(load_data("digits").x_test)
    assert done["out"] == str(out)


def test_what_json_cannot_write_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    settings = ["--set", "train.epochs=1", "--set", "spec.latent=1"]
    *_, done = lines(capsys, "train", "linear", "--data", "two-moons", *settings, "--json")
    assert done["evaluation"]["bce"] is None
    assert done["evaluation"]["mse"] > 0
    assert done["out"] is None


def test_show_tells_of_layers_history_and_errors(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    assert main(["show", str(folder), "--data", "digits"]) == 0
    said = capsys.readouterr().out
    assert "dense(widths=16, activation=silu) > 2 point > mirror > bernoulli" in said
    assert re.search(r"encoder\.body\.layers\.0 +fully connected +16 +1,040", said)
    assert re.search(r"Epoch 2 of 2.*\n.*\n.*\nreconstruction +\d+\.\d+ +\d+\.\d+ +nats per example", said)
    assert re.search(r"bce +0\.\d+ +nats per feature", said)
    (shown,) = lines(capsys, "show", str(folder), "--json")
    run = aejax.load_run(folder)
    assert aejax.ModelSpec(**shown["spec"]) == run.spec
    assert shown["last_epoch"]["terms"] == run.history[-1].terms
    assert shown["evaluation"] is None


@pytest.mark.parametrize("split", ["train", "test"])
def test_embed_writes_the_codes_with_their_labels(split: str, folder: Path, tmp_path: Path) -> None:
    out = tmp_path / "codes.parquet"
    assert main(["embed", str(folder), "--data", "digits", "--split", split, "--out", str(out)]) == 0
    table = pyarrow.parquet.read_table(out)
    assert table.column_names == ["row", "label", "label_name", "z0", "z1"]
    data = load_data("digits")
    codes = aejax.load_run(folder).encode(getattr(data, f"x_{split}"))
    written = np.stack([table["z0"].to_numpy(), table["z1"].to_numpy()], axis=1)
    assert written.dtype == np.float32
    np.testing.assert_array_equal(written, codes)
    np.testing.assert_array_equal(table["label"].to_numpy(), getattr(data, f"y_{split}"))
    assert table["label_name"].to_pylist() == [str(label) for label in table["label"].to_pylist()]
    assert table["row"].to_pylist() == list(range(len(codes)))
    assert [path.name for path in tmp_path.iterdir()] == ["codes.parquet"]


@pytest.mark.parametrize("split", ["test", "train"])
def test_measure_sets_runs_beside_baselines(split: str, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = lines(capsys, "measure", str(folder), "--data", "digits", "--beside", "pca", "--split", split, "--json")
    rows = {row["measure"]: row for row in found}
    assert list(rows) == list(METRICS)
    data = load_data("digits")
    expected = measure(evidence(load_run(folder), data, split=split), ["mse", "knn_5"])
    for name, measured in expected.items():
        assert rows[name][str(folder)] == pytest.approx(measured.value)
        assert rows[name]["sample"] == measured.sample
    assert isinstance(rows["mse"]["pca"], float)
    assert rows["divergence"]["pca"] is None


def test_lists_hold_every_entry(capsys: pytest.CaptureFixture[str]) -> None:
    sets, models = lines(capsys, "datasets", "--json"), lines(capsys, "zoo", "--json")
    assert [row["name"] for row in sets] == list(DATASETS)
    assert {row["name"]: row["sentence"] for row in models} == {name: str(entry.spec) for name, entry in ZOO.items()}
    for command in ("datasets", "zoo"):
        assert main([command]) == 0
    said = capsys.readouterr().out
    for name in (*DATASETS, *ZOO):
        assert re.search(rf"^{name} ", said, re.MULTILINE)


def test_a_data_set_of_ones_own_is_added_and_trained_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AEJAX_WORKSPACE", str(tmp_path))
    file = tmp_path / "walks.csv"
    file.write_text("walk,value\n" + "".join(f"{n},{step * n}\n" for n in range(40) for step in range(4 + n % 3)))
    plan = ("--set", "kind=sequence", "--set", "series=walk", "--licence", "CC0")
    (row,) = lines(capsys, "bring", str(file), *plan, "--json")
    assert (row["name"], row["kind"], row["licence"]) == ("own-walks", "sequence", "CC0")
    assert row in lines(capsys, "datasets", "--json")
    assert not any((tmp_path / "uploads").iterdir())
    quick = ("--set", "train.epochs=1", "--set", "train.batch_size=8", "--set", "spec.encoder.hidden=4")
    start, *_ = lines(capsys, "train", "sequence", "--data", "own-walks", *quick, "--json")
    assert start["spec"]["ragged"]
    assert main(["bring", str(file), "--set", "series=nobody", "--set", "kind=sequence"]) == 2
    assert "Series must be one of walk, value; got nobody" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments, message",
    [
        ("bring /nowhere", "The path must be that of a folder or a file"),
        ("bring x --from ftp", "kind must be one of file, folder"),
        ("bring x --set sides=4", "sides is not a setting"),
        ("nonsense", "No such command 'nonsense'"),
        ("train", "Missing argument 'NAME'"),
        ("train depe", "NAME must be one of map, .*; got 'depe' \\(did you mean deep\\?\\)"),
        ("train map --data mnst", "--data must be one of mnist-sample, .*; got 'mnst' \\(did you mean mnist\\?\\)"),
        ("train map --set latent=2", "did you mean spec.latent"),
        ("train map --set spec.latent=0", "spec.latent must be greater than or equal to 1; got '0'"),
        ("train map --data digits --set spec.latent=65", "latent must be at most 64, .*; got 65"),
        ("train map --data digits --set train.batch_size=1438", "batch_size must be at most 1437, .*; got 1438"),
        ("train map --seed -1", "train.seed must be greater than or equal to 0; got '-1'"),
        ("train map --data swiss-roll", "x must lie in \\[0, 1\\] for likelihood 'bernoulli'"),
        ("train convolutional --data waves --set spec.likelihood=mse", "encoder 'conv' needs images"),
        ("show /nowhere/at/all", "no run in /nowhere/at/all"),
        ("embed /nowhere --out codes.parquet", "no run in /nowhere"),
        ("embed RUN --data digits --out codes.txt", "--out must end in .parquet; got 'codes.txt'"),
        ("embed RUN --data digits --out /nowhere/codes.parquet", "/nowhere/codes.parquet: No such file"),
        ("embed RUN --data waves --out codes.parquet", r"x must hold examples of shape \(8, 8\); got \(28,\)"),
        ("embed RUN --data digits --split all --out codes.parquet", "--split"),
        ("embed RUN", "Missing option '--out'"),
        ("measure RUN --data digits --beside umaq", "kind must be one of pca, .*; got 'umaq'"),
        ("measure RUN --data waves", r"x must hold examples of shape \(8, 8\); got \(28,\)"),
        ("show RUN --data waves", r"x must hold examples of shape \(8, 8\)"),
        ("train map --data digits --out RUN", "--out must be a new or empty folder; .* holds files already"),
        ("train map --data digits --out /dev/null/run", "--out must be a folder that can be written"),
        ("app --port 99999", "--port"),
    ],
)
def test_bad_input_is_answered_in_one_sentence_with_status_2(
    arguments: str, message: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    status, said = failure(capsys, *arguments.replace("RUN", str(folder)).split())
    assert status == 2
    assert re.search(message, said)


def test_a_damaged_run_is_bad_input(folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    load_run(folder).save(saved := tmp_path / "saved")
    document = json.loads((saved / "run.json").read_text())
    weights = (saved / "weights.safetensors").read_bytes()
    for damage in ({"spec": 3}, {"spec": {"[red]": 1}}, {"shape": ["x"]}, {"history": [{"x": 1}]}, {"files": None}):
        (tmp_path / "run.json").write_text(json.dumps(document | damage))
        (tmp_path / "weights.safetensors").write_bytes(weights)
        assert failure(capsys, "show", str(tmp_path))[0] == 2


def test_a_training_that_diverges_ends_with_status_1(capsys: pytest.CaptureFixture[str]) -> None:
    settings = ["--set", "train.optimizer=sgd", "--set", "train.learning_rate=1e9"]
    status, said = failure(capsys, "train", "map", *SMALL, *settings)
    assert status == 1
    assert "lower the learning rate (now 1e+09)" in said


def test_an_unforeseen_error_is_a_sentence_too(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(*arguments: Any, **options: Any) -> Iterator[Any]:
        raise RuntimeError("out of\nmemory")

    monkeypatch.setattr("aejax.orders.progress_of", broken)
    assert failure(capsys, "train", "map", *SMALL) == (1, "aejax: failed with RuntimeError: out of memory\n")


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
@pytest.mark.parametrize("keep", [True, False])
def test_stopping_keeps_the_run_so_far_if_there_is_a_place_for_it(
    keep: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def interrupted(*arguments: Any) -> Iterator[aejax.Progress]:
        for item in progress_of(*arguments):
            signal.raise_signal(signal.SIGTERM)
            yield item

    for place in ("orders", "resuming"):
        monkeypatch.setattr(f"aejax.{place}.progress_of", interrupted)
    out = tmp_path / "run"
    status, said = failure(capsys, "train", "map", *SMALL, *(["--out", str(out)] if keep else []))
    assert status == 130
    assert ("without --out nothing was saved" in said) is not keep
    assert signal.getsignal(signal.SIGTERM) == signal.SIG_DFL
    if keep:
        monkeypatch.undo()
        start, *_, done = lines(capsys, "resume", str(out), "--json")
        assert re.fullmatch(rf"{out}, from step \d+ of 24", start["name"])
        assert done["epochs"] == 2
        assert failure(capsys, "resume", str(out)) == (2, f"aejax: the run in {out} is over: all 2 epochs are done\n")


def test_text_from_files_is_shown_as_it_is(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    from aejax.report import table

    table([{"name": "[red]not red[/red] [link=x]"}])
    assert "[red]not red[/red] [link=x]" in capsys.readouterr().out


def test_app_starts_the_server_as_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[tuple[Any, ...]] = []

    def run(*settings: Any) -> int:
        asked.append(settings)
        return 3

    monkeypatch.setattr("aejax.launch.run", run)
    assert main(["app", "--port", "8600", "--address", "0.0.0.0", "--no-browser"]) == 3
    assert main(["app"]) == 3
    assert asked == [(8600, "0.0.0.0", True), (None, None, None)]


def test_a_download_shows_its_progress_and_a_failed_one_says_why(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import requests

    def refused(*arguments: Any, **options: Any) -> None:
        raise requests.ConnectionError("no route")

    monkeypatch.setenv("AEJAX_DATA", str(tmp_path))
    monkeypatch.setattr(requests, "get", refused)
    status, said = failure(capsys, "train", "map", "--data", "kmnist")
    assert status == 1
    assert "could not be downloaded" in said


def program(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "aejax", *arguments]


def test_as_a_program_it_ends_with_its_status() -> None:
    done = subprocess.run(program("train", "depe"), capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.startswith("aejax: NAME must be one of map")


def test_help_does_not_wait_for_jax() -> None:
    code = "import sys; from aejax.cli import main; main(['--help']); sys.exit('jax' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, timeout=60).returncode == 0


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signal")
def test_control_c_keeps_the_run_so_far(tmp_path: Path) -> None:
    out = tmp_path / "run"
    arguments = ["train", "map", "--data", "digits", "--set", "train.epochs=100000", "--json", "--out", str(out)]
    process = subprocess.Popen(program(*arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    for line in process.stdout:
        if json.loads(line).get("epoch") == 3:
            break
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert re.fullmatch(
        r"aejax: stopped after \d+ of \d+ steps; the run so far is in .*: `aejax resume .* with it\n", said
    )
    assert len(aejax.load_run(out).history) >= 3


def test_a_closed_pipe_is_no_error() -> None:
    process = subprocess.Popen(program("zoo"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert "Traceback" not in process.stderr.read()
    process.wait(timeout=60)
    process.stderr.close()


def test_pretraining_is_told_layer_by_layer(capsys: pytest.CaptureFixture[str]) -> None:
    chosen = ["--set", "train.pretraining=rbm", "--set", "train.pretraining.epochs=1", "--set", "train.epochs=1"]
    command = ["train", "hinton-2006", "--data", "digits", "--set", "spec.encoder.widths=16", *chosen]
    events = lines(capsys, *command, "--json")
    assert [event["event"] for event in events] == ["start", "layer", "layer", "epoch", "done"]
    assert [(event["layer"], event["epoch"]) for event in events[1:3]] == [(1, 1), (2, 1)]
    assert main(command) == 0
    said = capsys.readouterr().out
    assert re.search(r"pretraining layer 2, epoch 1  squared error \d+\.\d+", said)
    assert re.search(r"epoch 1 of 1  loss \d+", said)
