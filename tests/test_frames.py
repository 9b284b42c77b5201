"""A file of frames: bounded, covering the whole training, never read half written."""

import threading

import numpy as np
import pytest

from aejax.frames import (
    FrameError,
    Frames,
    FrameWriter,
    create_frames,
    probe_rows,
    quantised,
    restored,
    slots_within,
    superfluous,
)

FORM = np.dtype([("step", "<u8", ()), ("codes", "<f4", (500, 2))])


def fields(step: int) -> dict[str, object]:
    return {"step": step, "codes": np.full((500, 2), step, np.float32)}


@pytest.fixture
def writer(tmp_path):
    return create_frames(tmp_path / "frames", FORM, 8, {"rows": [1, 2]})


def test_what_was_written_is_read(writer, tmp_path):
    reader = Frames(tmp_path / "frames")
    assert reader.newest() is None
    writer.append(10, fields(10))
    writer.append(30, fields(30))
    number, found = reader.newest()
    assert (number, found["step"], reader.about) == (1, 30, {"rows": [1, 2]})
    np.testing.assert_array_equal(found["codes"], fields(30)["codes"])
    assert reader.steps() == {0: 10, 1: 30}
    assert reader.read(7) is None


def test_frames_that_are_kept_cover_the_whole_training(writer):
    for step in range(0, 1000, 5):
        writer.append(step, fields(step))
    steps = list(writer.steps().values())
    assert len(steps) == 8
    assert (steps[0], steps[-1]) == (0, 995)
    assert np.diff(steps).max() <= 4 * 995 / 7
    assert all(writer.read(number)["step"] == step for number, step in writer.steps().items())


def test_one_that_goes_leaves_the_smallest_gap():
    assert superfluous([0, 10, 11, 30]) == 1
    assert superfluous([0, 10, 20, 21, 22]) == 3
    assert superfluous([0, 5]) == 0


def test_a_file_can_be_written_on_and_later_frames_forgotten(writer, tmp_path):
    for step in range(5):
        writer.append(step, fields(step))
    again = FrameWriter(tmp_path / "frames")
    again.forget_after(2)
    assert again.append(9, fields(9)) == 5
    assert Frames(tmp_path / "frames").steps() == {0: 0, 1: 1, 2: 2, 5: 9}


def test_a_torn_or_changed_frame_is_not_read(writer):
    number = writer.append(1, fields(1))
    writer._slots[0]["codes"][3, 1] = 7.0
    assert writer.read(number) is None
    assert writer.newest() is None
    number = writer.append(2, fields(2))
    # As a writer leaves it that is killed in the middle.
    writer._index["sequence"][1] += 1
    assert writer.read(number) is None
    assert number not in writer.steps()


def test_a_slot_left_half_written_is_used_again(writer, tmp_path):
    writer.append(1, fields(1))
    writer._index["sequence"][0] += 1
    again = FrameWriter(tmp_path / "frames")
    again.append(2, fields(2))
    assert list(Frames(tmp_path / "frames").steps().values()) == [2]


def test_readers_never_see_a_frame_half_written(writer, tmp_path):
    reader, seen, ended = Frames(tmp_path / "frames"), [], threading.Event()

    def read() -> None:
        while not ended.is_set():
            if (newest := reader.newest()) is not None:
                seen.append((float(newest[1]["step"]), newest[1]["codes"]))

    thread = threading.Thread(target=read)
    thread.start()
    for step in range(3000):
        writer.append(step, fields(step))
    ended.set()
    thread.join()
    assert len(seen) > 10
    assert all((codes == step).all() for step, codes in seen)


def test_something_else_is_refused_with_its_path(tmp_path):
    (tmp_path / "other").write_bytes(b"no frames" * 100)
    (tmp_path / "empty").write_bytes(b"")
    for name in ("other", "empty", "missing"):
        with pytest.raises(FrameError, match=f"{name} holds no frames"):
            Frames(tmp_path / name)


def test_quantised_codes_are_within_half_a_level():
    codes = np.random.default_rng(0).normal(size=(1000, 3)).astype(np.float32) * [1, 1e-3, 1e4]
    codes = np.column_stack([codes, np.full(1000, 2.5), codes[:, 0] * 8e37]).astype(np.float32)
    levels, bounds = quantised(codes)
    span = codes.max(axis=0).astype(float) - codes.min(axis=0)
    assert (np.abs(restored(levels, bounds) - codes) <= span / 65535 * 0.51 + 1e-6 * np.abs(codes)).all()
    np.testing.assert_array_equal(bounds, np.stack([codes.min(axis=0), codes.max(axis=0)], axis=-1))


def test_probes_are_of_every_class_its_share():
    labels = np.repeat([0, 1, 2], [600, 300, 100])[np.random.default_rng(0).permutation(1000)]
    rows = probe_rows(labels, 1000, 50)
    assert len(set(rows)) == 50
    np.testing.assert_allclose(np.bincount(labels[rows]), [30, 15, 5], atol=1)
    assert rows == probe_rows(labels, 1000, 50)
    assert probe_rows(labels, 1000, 5000) == list(range(1000))
    assert len(set(probe_rows(None, 1000, 10))) == 10


def test_the_number_of_slots_follows_the_room():
    assert slots_within(FORM, FORM.itemsize * 20, 2, 1000) == 20
    assert slots_within(FORM, 0, 2, 1000) == 2
    assert slots_within(FORM, 1 << 40, 2, 1000) == 1000
