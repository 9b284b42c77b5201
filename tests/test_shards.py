"""Sets that are larger than the device: every example once an epoch, the same from the same seed, and little memory."""

import tracemalloc

import jax
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

import aejax
from aejax import DataError, ModelSpec, SpecError, TrainSpec
from aejax.loop import Examined
from aejax.row_groups import RowGroups
from aejax.shards import Streamed
from aejax.trainer import Trainer

SPEC = ModelSpec(latent=2, encoder={"kind": "dense", "widths": (16,)}, likelihood="mse")
# 3,000 rows of 8 numbers are 96 kB: four shards or more of at most 12 kB.
TRAIN = TrainSpec(epochs=3, batch_size=50, device_megabytes=0.024)


@pytest.fixture(scope="module")
def x():
    """Points of a curved plane in eight dimensions, sorted along one side of it."""
    random = np.random.default_rng(0)
    plane = np.sort(random.uniform(-1, 1, (3000, 2)), axis=0)
    plane[:, 1] = random.permutation(plane[:, 1])
    return (np.hstack([plane, plane**2]) @ random.normal(size=(4, 8))).astype(np.float32)


def same(one, other) -> bool:
    a, b = one.kept(), other.kept()
    return a.keys() == b.keys() and all(np.array_equal(a[name], b[name]) for name in a)


@pytest.mark.parametrize("count, batch, most", [(1000, 50, 4e3), (1003, 50, 4e3), (97, 96, 1.0), (640, 7, 2e3)])
def test_every_example_comes_once_an_epoch_and_its_label_with_it(count, batch, most):
    rows = np.arange(count, dtype=np.float32)[:, None] * np.ones((1, 4), np.float32)
    told = Examined(rows[:0], np.arange(count, dtype=np.int32) * 3)
    supply = Streamed(rows, told, batch, most, lambda x: None)
    steps, key, seen, epochs = 2 * supply.per_epoch, jax.random.key(5), [], []
    while len(seen) < steps * batch:
        shard = supply.at(key, len(seen) // batch, steps)
        numbers = np.asarray(shard.data.numbers)[: shard.examples]
        assert shard.data.x.nbytes <= max(most / 2, 4 * 4 * batch)
        assert np.array_equal(np.asarray(shard.data.x)[: shard.examples, 0], rows[numbers, 0])
        assert np.array_equal(np.asarray(shard.data.labels)[: shard.examples], 3 * numbers)
        assert shard.examples == (shard.last - shard.first) * batch
        seen += numbers.tolist()
    for epoch in (seen[: steps // 2 * batch], seen[steps // 2 * batch :]):
        found, times = np.unique(epoch, return_counts=True)
        # Where they do not fill the last batch, it is filled from the head of the epoch.
        assert len(found) == count
        assert times.max() <= 2
        assert times.sum() - count == -count % batch
        epochs.append(epoch)
    assert epochs[0] != epochs[1]


def test_a_streamed_training_goes_on_bit_for_bit_and_learns_as_one_on_the_device_does(x, tmp_path):
    np.save(tmp_path / "x.npy", x.astype(np.float64))
    labels = (x[:, 0] > 0).astype(np.int64)
    spec = SPEC.replace(classes=2, corruption={"kind": "gaussian", "sd": 0.01, "clip": False, "fresh": False})
    whole = Trainer(spec, TRAIN, x, labels=labels)
    while whole.step < whole.steps:
        whole.advance(whole.per_epoch)
    half = Trainer(spec, TRAIN, tmp_path / "x.npy", labels=labels)
    for _ in range(8):
        half.advance(11)
    assert half.step % half.per_epoch == 22, "the second step of a shard of seven"
    again = Trainer(spec, TRAIN, np.load(tmp_path / "x.npy", mmap_mode="r"), labels=labels)
    again.restore(half.kept(), half.step, 0.0)
    while again.step < again.steps:
        again.advance(4)
    assert same(whole, again)

    # Many more steps, so that both come to the same floor.
    longer = TRAIN.replace(epochs=30, learning_rate=3e-3)
    errors = [aejax.train(SPEC, longer.replace(device_megabytes=most), x).evaluate(x)["mse"] for most in (0.024, 1.0)]
    assert errors[0] < 1.15 * errors[1] < 0.15 * x.var()


def test_a_set_that_fits_is_read_whole_whatever_it_is_named_by(x, tmp_path):
    np.save(tmp_path / "x.npy", x)
    pq.write_table(pa.table({f"c{i}": x[:, i] for i in range(8)}), tmp_path / "x.parquet", row_group_size=700)
    short = TRAIN.replace(epochs=1, device_megabytes=1.0)
    runs = [aejax.train(SPEC, short, source) for source in (x, tmp_path / "x.npy", str(tmp_path / "x.parquet"))]
    for run in runs[1:]:
        assert all(np.array_equal(value, run.params[name]) for name, value in runs[0].params.items())
    streamed = [aejax.train(SPEC, TRAIN, source).params for source in (x, tmp_path / "x.parquet")]
    assert all(np.array_equal(value, streamed[1][name]) for name, value in streamed[0].items())


def test_a_file_is_not_read_into_memory(tmp_path):
    rows = np.lib.format.open_memmap(tmp_path / "x.npy", "w+", np.uint8, (200_000, 100))
    rows[:] = np.arange(200_000, dtype=np.uint32)[:, None] % 251
    rows.flush()
    train = TrainSpec(epochs=1, batch_size=1000, device_megabytes=2.0)
    aejax.train(ModelSpec(latent=1, encoder="linear"), train, x := tmp_path / "x.npy")
    tracemalloc.start()
    aejax.train(ModelSpec(latent=1, encoder="linear"), train, x)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.3 * rows.nbytes


def test_what_cannot_be_streamed_is_said_in_a_sentence(x, tmp_path):
    wrong = x.copy()
    wrong[2345, 6] = np.nan
    with pytest.raises(DataError, match=r"x must be finite float32 numbers; got nan at \(2345, 6\)"):
        aejax.train(SPEC, TRAIN, wrong)
    with pytest.raises(DataError, match=r"x must lie in \[0, 1\] for likelihood 'bernoulli'"):
        aejax.train(SPEC.replace(likelihood="bernoulli"), TRAIN, x)
    with pytest.raises(SpecError, match="penalties: neighbours needs all examples on the device: they take 0.096 me"):
        aejax.train(SPEC.replace(penalties=("neighbours",)), TRAIN, x)
    with pytest.raises(
        DataError, match=r"x must be an array, or name a file that ends in .npy or .parquet; got 'x.csv"
    ):
        aejax.train(SPEC, TRAIN, "x.csv")
    with pytest.raises(DataError, match="x cannot be read from"):
        aejax.train(SPEC, TRAIN, tmp_path / "none.npy")
    pq.write_table(pa.table({"a": [1.0], "b": ["word"]}), tmp_path / "words.parquet")
    with pytest.raises(DataError, match="x must hold columns of numbers; column 'b' of .* is string"):
        aejax.train(SPEC, TRAIN, tmp_path / "words.parquet")


def test_a_folder_of_parquet_files_is_read_by_row_groups_to_the_same_bits_when_taken_up_again(x, tmp_path):
    folder = tmp_path / "rows"
    folder.mkdir()
    for number, rows in enumerate(np.split(x, [700, 1000])):
        lists = pa.FixedSizeListArray.from_arrays(pa.array(rows.ravel()), 8)
        pq.write_table(pa.table({"x": lists}), folder / f"part-{number}.parquet", row_group_size=100)
    source = RowGroups(folder)
    assert (source.shape, source.dtype, source.block) == (x.shape, np.float32, 100)
    for rows in (slice(None), slice(650, 1100), slice(3, 2990, 97), slice(2000, 2000)):
        assert np.array_equal(source[rows], x[rows])

    assert np.array_equal(
        aejax.train(SPEC, TRAIN.replace(epochs=1, device_megabytes=1.0), folder).encode(x[:9]),
        aejax.train(SPEC, TRAIN.replace(epochs=1, device_megabytes=1.0), x).encode(x[:9]),
    )
    short = TRAIN.replace(epochs=2)
    whole, half = Trainer(SPEC, short, folder), Trainer(SPEC, short, folder)
    assert np.bincount(np.concatenate([numbers_of(whole, step) for step in range(60)])).tolist() == [1] * 3000
    for trainer, steps in ((whole, 120), (half, 71)):
        while trainer.step < steps:
            trainer.advance(steps - trainer.step)
    again = Trainer(SPEC, short, folder)
    again.restore(half.kept(), half.step, 0.0)
    while again.step < again.steps:
        again.advance(60)
    assert same(whole, again)

    pq.write_table(pa.table({"y": [1.0]}), folder / "part-9.parquet")
    with pytest.raises(DataError, match="x must have the same columns in every file; those of .*part-9.parquet are"):
        aejax.train(SPEC, TRAIN, folder)
    with pytest.raises(DataError, match="x must be a folder with Parquet files; .* has none"):
        aejax.train(SPEC, TRAIN, tmp_path)


def numbers_of(trainer: Trainer, step: int) -> np.ndarray:
    """The examples that a shard brings, where a step is its first one."""
    shard = trainer.supply.at(jax.random.key(0), step, trainer.steps)
    return np.asarray(shard.data.numbers)[: shard.examples] if shard.first == step else np.empty(0, np.int32)
