"""Figures say what they show: one trace a class, names, units, and the number of each example."""

import numpy as np
import pytest

from aejax.history import Epoch
from aejax.ui import charts

RANDOM = np.random.default_rng(0)
CODES = RANDOM.normal(size=(60, 3)).astype(np.float32)
LABELS = np.arange(60, dtype=np.int32) % 3
NAMES = ("sine", "square", "triangle")
HISTORY = (
    Epoch(1, 10, 0.5, {"reconstruction": 100.0, "kl": 5.0}, {"reconstruction": 110.0, "kl": 4.0}),
    Epoch(2, 20, 1.0, {"reconstruction": 80.0, "kl": 6.0}, {"reconstruction": 95.0, "kl": 5.0}),
)


def test_a_scatter_has_one_trace_a_class_with_its_points_and_rows() -> None:
    rows = np.arange(100, 160)
    figure = charts.scatter(CODES, LABELS, NAMES, title="Codes", axes=("z2", "z5"), rows=rows)
    assert [trace.name for trace in figure.data] == list(NAMES)
    for label, trace in enumerate(figure.data):
        np.testing.assert_array_equal(trace.x, CODES[label == LABELS, 0])
        np.testing.assert_array_equal(trace.customdata, rows[label == LABELS])
        assert "row %{customdata}" in trace.hovertemplate
    assert (figure.layout.xaxis.title.text, figure.layout.yaxis.title.text) == ("z2", "z5")
    assert figure.layout.title.text == "Codes"


def test_a_click_in_the_legend_leaves_one_class() -> None:
    legend = charts.scatter(CODES, LABELS, NAMES).layout.legend
    assert (legend.itemclick, legend.itemdoubleclick) == ("toggleothers", "toggle")


def test_coordinates_are_sent_as_single_precision() -> None:
    figure = charts.scatter(CODES.astype(np.float64), LABELS, NAMES)
    assert figure.data[0].x.dtype == np.float32
    assert "bdata" in figure.to_json()


def test_examples_without_labels_are_one_trace() -> None:
    (trace,) = charts.scatter(CODES).data
    assert (trace.name, len(trace.x)) == ("examples", 60)


def test_classes_that_do_not_occur_keep_their_colours_for_others() -> None:
    every = {trace.name: trace.marker.color for trace in charts.scatter(CODES, LABELS, NAMES).data}
    some = LABELS != 1
    for trace in charts.scatter(CODES[some], LABELS[some], NAMES).data:
        assert trace.marker.color == every[trace.name]


@pytest.mark.parametrize("classes", [8, 9, 14])
def test_symbols_appear_beyond_eight_classes(classes: int) -> None:
    labels = np.arange(60) % classes
    names = [str(label) for label in range(classes)]
    for draw in (charts.scatter, charts.scatter3d):
        symbols = {trace.marker.symbol for trace in draw(CODES, labels, names).data}
        assert (len(symbols) > 1) == (classes > 8)


def test_a_strip_has_a_row_a_class() -> None:
    figure = charts.strip(CODES[:, :1], LABELS, NAMES, axis="z1")
    assert list(figure.layout.yaxis.ticktext) == list(NAMES)
    for label, trace in enumerate(figure.data):
        assert np.abs(trace.y - label).max() < 0.5


def test_curves_show_each_term_and_the_sum_of_both_splits() -> None:
    figure = charts.curves(HISTORY)
    drawn = {trace.name: (list(trace.y), trace.line.dash) for trace in figure.data}
    assert drawn["loss, train"] == ([105.0, 86.0], "solid")
    assert drawn["kl, validation"] == ([4.0, 5.0], "dash")
    assert len(drawn) == 6
    assert figure.layout.yaxis.title.text == "nats per example"


def test_curves_of_one_term_do_not_repeat_it_as_a_sum() -> None:
    figure = charts.curves([Epoch(1, 1, 0.1, {"reconstruction": 3.0})])
    assert [trace.name for trace in figure.data] == ["reconstruction, train"]


@pytest.mark.parametrize("log, kind", [(True, "log"), (False, "linear")])
def test_curves_have_the_axis_asked_for(log: bool, kind: str) -> None:
    assert charts.curves(HISTORY, log).layout.yaxis.type == kind


def test_curves_of_nothing_are_an_empty_figure() -> None:
    assert not charts.curves(()).data


def test_bars_carry_their_values_and_unit() -> None:
    figure = charts.bars(["a", "b"], [1.0, 2.5], title="Angles", unit="degrees")
    assert list(figure.data[0].y) == [1.0, 2.5]
    assert figure.layout.yaxis.title.text == "degrees"


def test_lines_differ_by_dash_and_keep_to_their_bounds() -> None:
    figure = charts.lines({"original": CODES[:, 0], "rebuilt": CODES[:, 1]}, bounds=(-1, 1))
    assert len({trace.line.dash for trace in figure.data}) == 2
    assert tuple(figure.layout.yaxis.range) == (-1.1, 1.1)


def test_the_camera_saves_what_is_asked_for() -> None:
    assert charts.config("map", "svg")["toImageButtonOptions"] == {"format": "svg", "scale": 2, "filename": "map"}


def test_buttons_stand_beside_the_axes_and_not_upon_the_title() -> None:
    layout = charts.bars(["a"], [1.0], title="Angles", unit="degrees").layout
    assert layout.modebar.orientation == "v"
    assert layout.margin.r > 30
