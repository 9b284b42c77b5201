"""A visitor brings data: the file is read, the plan told and changed, the data set kept, chosen and deleted."""

import io
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from streamlit.testing.v1 import AppTest
from visitors import APP, texts

from aejax.data import load_data, shelf
from aejax.ui import own_ways, session


@pytest.fixture(autouse=True)
def workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("AEJAX_WORKSPACE", str(tmp_path))
    return tmp_path


def digits_zip(count: int = 60) -> bytes:
    data = load_data("digits")
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(count):
            picture = io.BytesIO()
            Image.fromarray((data.x_train[number] * 255).astype(np.uint8)).save(picture, "PNG")
            archive.writestr(f"{data.y_train[number]}/{number}.png", picture.getvalue())
    return file.getvalue()


def csv(rows: int = 40) -> bytes:
    lines = [f"{row},{row % 7 * 1.5},{'ab'[row % 2]}" for row in range(rows)]
    return "\n".join(["height,width,species", *lines]).encode()


def at_the_page() -> AppTest:
    visitor = AppTest.from_file(APP, default_timeout=60).run()
    visitor.switch_page("pages/data.py").run()
    assert not visitor.exception
    return visitor


def brought(name: str, content: bytes) -> AppTest:
    visitor = at_the_page()
    visitor.file_uploader(key="own-file").upload(name, content, "application/octet-stream").run()
    return read(visitor)


def read(visitor: AppTest) -> AppTest:
    end = time.monotonic() + 60
    while (held := visitor.session_state["own-held"]) is not None and held.reading.running:
        assert time.monotonic() < end
        time.sleep(0.1)
    visitor.run()
    assert not visitor.exception
    return visitor


def found(visitor: AppTest) -> dict[str, str]:
    return dict(visitor.table[0].value.to_numpy().tolist())


def test_before_anything_is_brought_the_page_says_what_can_be() -> None:
    visitor = at_the_page()
    assert "ZIP of images" in texts(visitor)
    assert "Nothing yet" in texts(visitor)


def test_images_are_told_kept_chosen_and_deleted(workspace: Path) -> None:
    visitor = brought("my digits.zip", digits_zip())
    told = found(visitor)
    assert told["One example"] == "8 × 8 pixels"
    assert told["Examples"].endswith("held out")
    assert "10 by folder names" in told["Classes"]
    visitor.button(key="own-keep").click().run()
    assert not visitor.exception
    chosen = visitor.session_state[session._CHOICES]
    assert visitor.title[0].value == "Train"
    assert chosen.data_name == "own-my-digits"
    assert chosen.data.shape == (8, 8)
    assert chosen.train.batch_size <= len(chosen.data.x_train)
    assert not chosen.problems
    assert visitor.query_params["data"] == "own-my-digits"
    assert not list((workspace / "uploads").iterdir())
    visitor.switch_page("pages/data.py").run()
    visitor.button(key="own-delete-own-my-digits").click().run()
    assert not visitor.exception
    assert shelf.sources() == {}
    assert visitor.session_state[session._CHOICES].data_name == session.DEFAULT_DATA


def test_a_table_can_be_read_by_another_plan() -> None:
    visitor = brought("flowers.csv", csv())
    assert "2 by species" in found(visitor)["Classes"]
    assert found(visitor)["One example"] == "2 features"
    next(box for box in visitor.text_input if box.label == "Licence").set_value("CC0").run()
    form = next(box for box in visitor.selectbox if box.label == "Classes")
    form.set_value("")
    next(button for button in visitor.button if button.label == "Read it so").click().run()
    read(visitor)
    assert found(visitor)["Classes"] == "none"
    assert found(visitor)["One example"] == "4 features"
    assert next(box for box in visitor.text_input if box.label == "Licence").value == "CC0"


def test_a_model_that_does_not_suit_a_table_makes_way_for_one_that_does() -> None:
    visitor = brought("flowers.csv", csv(200))
    visitor.button(key="own-keep").click().run()
    assert not visitor.exception
    chosen = visitor.session_state[session._CHOICES]
    assert chosen.data_name == "own-flowers"
    assert chosen.spec.likelihood.kind == "mse"
    assert not chosen.problems


def test_what_cannot_be_read_is_answered_with_one_sentence(workspace: Path) -> None:
    visitor = brought("evil<img src=x>.pkl", b"\x80\x04\x95" + bytes(40))
    (error,) = visitor.error
    assert error.value.startswith("The file is a pickle, which could run code")
    assert not (workspace / "data").exists()


@pytest.fixture
def kept() -> str:
    visitor = brought("flowers.csv", csv())
    visitor.button(key="own-keep").click().run()
    return "own-flowers"


def test_another_visitor_finds_what_was_kept(kept: str) -> None:
    visitor = AppTest.from_file(APP, default_timeout=60)
    visitor.query_params["data"] = kept
    visitor.run()
    assert visitor.session_state[session._CHOICES].data_name == kept
    visitor.switch_page("pages/data.py").run()
    assert "flowers" in texts(visitor)
    assert "brought" in texts(visitor)
    visitor.button(key=f"own-use-{kept}").click().run()
    assert visitor.title[0].value == "Train"


def test_a_reading_can_be_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    visitor = at_the_page()
    visitor.file_uploader(key="own-file").upload("digits.zip", digits_zip(), "application/zip").run()
    visitor.session_state["own-held"].reading.stop()
    visitor.run()
    assert [error.value for error in visitor.error] == ["Reading was stopped."]
    visitor.button(key="own-again").click().run()
    assert found(read(visitor))["One example"] == "8 × 8 pixels"


def asked(way: str, name: str) -> AppTest:
    visitor = at_the_page()
    visitor.radio[0].set_value(way).run()
    visitor.text_input(key=f"own-name-of-{way}").set_value(name)
    next(button for button in visitor.button if button.label == "Read it").click().run()
    return read(visitor)


def test_a_set_is_read_by_its_name_and_kept_with_its_licence() -> None:
    visitor = asked("scikit-learn", "wine")
    assert found(visitor)["One example"] == "13 features"
    assert "of the 1,000 MB that a set may take" in found(visitor)["Memory"]
    visitor.text_input(key="own-source-scikit-learn-1").set_value("*UCI* <b>")
    visitor.button(key="own-keep").click().run()
    assert not visitor.exception
    kept = shelf.sources()["own-wine"]
    assert kept.licence == "CC BY 4.0"
    assert kept.source.startswith("∗UCI∗ ‹b›; scikit-learn, brought ")
    visitor.switch_page("pages/data.py").run()
    assert "Licence: CC BY 4.0" in texts(visitor)


def test_a_folder_of_this_machine_becomes_sequences_by_the_plan(tmp_path: Path) -> None:
    (tmp_path / "walks").mkdir()
    rows = [f"{walk},{step},{step * walk}" for walk in range(90) for step in range(4 + walk % 3)]
    (tmp_path / "walks" / "walks.csv").write_text("\n".join(["walk,when,value", *rows]))
    visitor = asked("folder", str(tmp_path / "walks"))
    boxes = {box.label: box for box in visitor.selectbox}
    boxes["One example is"].set_value("sequence")
    boxes["Column that tells the sequences apart"].set_value("walk")
    boxes["Column of time in a sequence"].set_value("when")
    next(button for button in visitor.button if button.label == "Read it so").click().run()
    read(visitor)
    assert found(visitor)["One example"] == "6 steps"
    assert "4 to 6 steps" in texts(visitor)
    visitor.button(key="own-keep").click().run()
    assert not visitor.exception
    assert not visitor.session_state[session._CHOICES].spec.ragged
    visitor.selectbox(key="model").set_value("sequence").run()
    assert visitor.session_state[session._CHOICES].spec.ragged
    assert not visitor.session_state[session._CHOICES].problems


def test_a_server_offers_the_ways_that_it_is_set_to_and_no_paths_to_others(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "folder" in own_ways.offered()
    monkeypatch.setattr(own_ways.st, "get_option", lambda name: "0.0.0.0")
    assert list(own_ways.offered()) == ["file", "scikit-learn", "openml", "hugging-face"]
    monkeypatch.setenv("AEJAX_WAYS", "file, folder")
    assert list(own_ways.offered()) == ["file"]
    monkeypatch.setenv("AEJAX_WAYS", "")
    assert "takes no data" in " ".join(info.value for info in at_the_page().info)


def test_a_limit_that_is_no_number_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AEJAX_LIMIT_ROWS", "many")
    (error,) = at_the_page().error
    assert "rows" in error.value
