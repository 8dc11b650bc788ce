"""The pictures: every number in its place, the worst entry outlined, and omissions stated."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from typing import Any
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from grader.evidence import (
    COLUMNS,
    COPIES,
    MISREAD,
    PIXELS,
    POINTS,
    ROWS,
    SIDE,
    Arrays,
    Misread,
    Series,
    Training,
    from_json,
    pair,
    to_json,
)
from grader.report import charts, svg
from grader.report.figures import Figure
from grader.report.heatmaps import MOST_PANELS, heat_maps
from grader.report.trainings import NOT_CHECKED, training
from grader.result import ResultSpec, Role
from reference.datasets import load_digits
from tests.reports import report_of

Y = ResultSpec("Y")
DZ = ResultSpec("dZ", wrt="Z")


def _arrays(found: object, expected: object, result: ResultSpec = Y) -> Arrays:
    made = pair(result, np.asarray(found, float), np.asarray(expected, float))
    assert made is not None
    return made.cut()


def _cases(check: str) -> list:
    return [
        case
        for line in report_of("half-wrong").lines
        for case in line.result.cases
        if line.check == check and isinstance(case.evidence, Arrays)
    ]


def _maps(figure: Figure) -> list[list[ET.Element]]:
    return [[ET.fromstring(picture) for _, picture in pictures] for _, pictures in figure.strips]


def _of(picture: ET.Element, *names: str) -> list[ET.Element]:
    return [x for x in picture if set(names) & set((x.get("class") or "").split())]


def _about(element: ET.Element) -> str:
    title = element.find("title")
    return "" if title is None else title.text or ""


def _drawn(picture: ET.Element) -> dict[str, float]:
    """Return the color strength of every cell by its index: below zero for negative numbers."""
    return {
        _about(cell).partition(":")[0]: float(cell.get("fill-opacity", "nan"))
        * (1 if cell.get("class") == "more" else -1)
        for cell in _of(picture, "more", "less")
    }


def test_every_cell_has_its_number_and_the_color_of_its_size_and_sign() -> None:
    found, expected = np.array([[1.0, -2.0, 0.0]]), np.array([[4.0, -2.0, 0.5]])
    ((yours, right, difference),) = _maps(heat_maps("k", "a row", _arrays(found, expected)))
    assert _drawn(yours) == {"[0, 0]": 0.25, "[0, 1]": -0.5, "[0, 2]": 0.0}  # one scale: 4
    assert _drawn(right) == {"[0, 0]": 1.0, "[0, 1]": -0.5, "[0, 2]": 0.125}
    assert _drawn(difference) == {"[0, 0]": -1.0, "[0, 1]": 0.0, "[0, 2]": -0.167}
    assert _about(_of(right, "more", "less")[0]) == "[0, 0]: 4"


def test_the_worst_entry_is_outlined_in_all_three_and_said_with_both_values() -> None:
    found, expected = np.zeros((4, 3)), np.zeros((4, 3))
    found[2, 1], expected[2, 1], found[0, 0] = 5.5, -1.25, 3.0
    figure = heat_maps("k", "a matrix", _arrays(found, expected))
    assert figure.notes[0] == "Outlined: the worst, [2, 1]: yours 5.5, expected -1.25."
    for picture, value in zip(_maps(figure)[0], ("5.5", "-1.25", "6.75"), strict=True):
        (frame,) = _of(picture, "worst")
        (cell,) = [c for c in _of(picture, "more", "less") if _about(c).startswith("[2, 1]:")]
        assert _about(frame) == f"the worst, [2, 1]: {value}"
        assert [frame.get(key) for key in ("x", "y")] == [cell.get(key) for key in ("x", "y")]
        assert f"[2, 1], is {value}" in (picture.findtext("desc") or "")
    assert figure.table is not None
    assert figure.table.rows == (("[2, 1]", "5.5", "-1.25", "6.75"), ("[0, 0]", "3", "0", "3"))


def test_what_is_no_number_is_marked_and_does_not_spoil_the_scale() -> None:
    found = np.array([[1.0, np.nan], [np.inf, -np.inf]])
    figure = heat_maps("k", "odd", _arrays(found, np.full((2, 2), 2.0)))
    yours, _, difference = _maps(figure)[0]
    assert _drawn(yours) == {"[0, 0]": 0.5}
    assert [text.text for text in _of(yours, "mark")] == ["?", "\u221e", "-\u221e"]
    assert len(_of(difference, "odd")) == 3
    assert figure.notes[0] == "Outlined: the worst, [0, 1]: yours NaN, expected 2."
    assert "are not finite" in figure.notes[-1]


@pytest.mark.parametrize("shape", [(7,), (1, 7)])
def test_a_row_is_drawn_as_a_row(shape: tuple[int, ...]) -> None:
    ((yours, *_),) = _maps(heat_maps("k", "b", _arrays(np.ones(shape), np.zeros(shape))))
    cells = _of(yours, "more")
    assert len(cells) == 7
    assert len({cell.get("y") for cell in cells}) == 1


def test_a_bias_without_its_first_axis_is_shown_in_the_shape_that_is_due() -> None:
    assert _arrays(np.ones(3), np.zeros((1, 3))).shape == (1, 3)


@pytest.mark.parametrize("found", [np.ones((3, 2)), np.ones(6), np.ones(()), None])
def test_another_shape_gives_no_picture(found: np.ndarray | None) -> None:
    assert pair(Y, found, np.zeros((2, 3))) is None
    assert pair(ResultSpec("loss"), np.ones(()), np.zeros(())) is None


def test_a_big_matrix_is_cut_to_a_window_around_the_worst_entry_and_that_is_said() -> None:
    found, expected = np.zeros((200, 300)), np.zeros((200, 300))
    found[120, 296] = 1.0
    arrays = _arrays(found, expected)
    assert arrays.found.shape == (ROWS, COLUMNS)
    assert arrays.place(arrays.worst) == [120, 296]
    figure = heat_maps("k", "big", arrays)
    assert figure.notes[1] == (
        "The array is (200, 300); this is the part [112:128, 276:300] around the worst entry."
    )
    assert len(_of(_maps(figure)[0][0], "more", "less")) == ROWS * COLUMNS
    ticks = [text.text for text in _of(_maps(figure)[0][0], "tick")]
    assert "112" in ticks
    assert "276" in ticks


def test_images_are_drawn_by_example_and_channel_and_what_is_not_shown_is_said() -> None:
    found = np.zeros((6, 30, 20, 5))
    found[4, 25, 3, 2], found[3, 20, 3, 1] = 9.0, 4.0
    arrays = _arrays(found, np.zeros_like(found))
    assert arrays.found.shape == (COPIES, SIDE, SIDE, COPIES)
    figure = heat_maps("k", "images", arrays)
    words = [about for about, _ in figure.strips]
    assert len(words) == MOST_PANELS
    assert "example 4, channel 2: [4, :, :, 2]" in words
    assert "example 3, channel 1: [3, :, :, 1]" in words
    outlined = [bool(_of(pictures[0], "worst")) for pictures in _maps(figure)]
    assert [word for word, there in zip(words, outlined, strict=True) if there] == [
        "example 4, channel 2: [4, :, :, 2]"
    ]
    assert "4 of 30 images are shown" in " ".join(figure.notes)


def test_kernels_are_drawn_by_channel_and_kernel() -> None:
    result = ResultSpec("gradients['W']", Role.PARAMETER_GRADIENT, "W")
    arrays = _arrays(np.ones((3, 2, 2, 2)), np.zeros((3, 2, 2, 2)), result)
    figure = heat_maps("k", "kernels", arrays)
    assert figure.strips[1][0] == "channel 0, kernel 1: [:, :, 0, 1]"
    assert len(_of(_maps(figure)[1][0], "more")) == 6


@pytest.mark.slow
def test_pictures_of_real_grades_say_what_the_messages_say() -> None:
    pattern = re.compile(r"the worst at (\[[\d, ]+\]): yours (\S+), expected (\S+)\.(?: |$)")
    seen = 0
    for check in ("values", "gradient", "behaviour"):
        for case in _cases(check):
            said = pattern.search(case.message)
            if said:
                seen += 1
                note = heat_maps("k", case.name, case.evidence).notes[0]
                assert (
                    note == f"Outlined: the worst, {said[1]}: yours {said[2]}, expected {said[3]}."
                )
    assert seen >= 15


@pytest.mark.slow
def test_evidence_survives_its_way_through_json_values() -> None:
    arrays = _cases("gradient")[0].evidence
    back = from_json(to_json(arrays))
    assert isinstance(back, Arrays)
    for one, other in ((arrays.found, back.found), (arrays.numeric, back.numeric)):
        np.testing.assert_array_equal(one, other)
    assert (back.shape, back.origin, back.result) == (arrays.shape, arrays.origin, arrays.result)
    series = Series("counts", "a line", (1, 2), (3, 4))
    assert from_json(to_json(series)) == series
    assert from_json(to_json(None)) is None


@pytest.mark.slow
def test_the_scatter_plot_has_every_entry_and_right_ones_on_the_diagonal() -> None:
    (case,) = [
        case
        for line in report_of("half-wrong").lines
        if (line.target.name, line.check) == ("activations.ReLU", "gradient")
        for case in line.result.cases
        if case.name == "a matrix"
    ]
    arrays = case.evidence
    (_, picture), words = charts.scatter("k", arrays)
    drawing = ET.fromstring(picture)
    dots, squares = _of(drawing, "right"), _of(drawing, "numeric")
    assert all((x.get("width"), x.get("height")) == ("8", "8") for x in squares)
    texts = [element for element in drawing if element.tag.endswith("text")]
    assert texts
    assert {x.get("text-anchor") for x in texts} <= {"start", "middle", "end"}
    assert len(dots) == arrays.found.size == 40
    assert len(squares) == np.isfinite(arrays.numeric).sum()
    (line,) = _of(drawing, "diagonal")
    (x0, y0), (x1, y1) = (map(float, p.split(",")) for p in line.get("points", "").split())
    on = [
        abs((float(d.get("cx", 0)) - x0) / (x1 - x0) - (float(d.get("cy", 0)) - y0) / (y1 - y0))
        < 1e-3
        for d in dots
    ]
    same = np.isclose(arrays.found, arrays.expected, rtol=1e-5).reshape(-1)
    assert on == same.tolist()
    assert f"{same.sum()} of 40 entries agree with it" in words
    # The student's forward is right, so the numeric gradient is the right one.
    np.testing.assert_allclose(arrays.numeric, arrays.expected, atol=1e-9)


def test_without_a_numeric_gradient_there_are_dots_only() -> None:
    (_, picture), words = charts.scatter("k", _arrays([[1.0, 2.0]], [[1.0, 4.0]], DZ))
    drawing = ET.fromstring(picture)
    assert len(_of(drawing, "right")) == 2
    assert not _of(drawing, "numeric")
    assert words.endswith("1 of 2 entries agree with it.")


@pytest.mark.slow
def test_the_chart_of_a_loop_has_the_counts_of_the_message() -> None:
    (case,) = [
        case
        for line in report_of("half-wrong").lines
        if (line.target.name, line.check) == ("layers.FullyConnected", "batching")
        for case in line.result.cases
        if isinstance(case.evidence, Series)
    ]
    figure = charts.series("k", case.name, case.evidence)
    assert figure.table is not None
    counts = ", ".join(times for _, times in figure.table.rows)
    sizes = ", ".join(size for size, _ in figure.table.rows)
    assert f"ran {counts} times for batches of {sizes} examples." in case.message
    drawing = ET.fromstring(figure.charts[0][1])
    heights = [float(knot.get("cy", 0)) for knot in _of(drawing, "knot")]
    assert len(heights) == 4
    assert heights == sorted(heights, reverse=True)
    assert "layers.py:" in figure.notes[0]


def test_a_count_of_nothing_is_drawn_on_plain_axes() -> None:
    figure = charts.series("k", "n", Series("counts", "a line", (3, 9, 33, 129), (0, 9, 33, 129)))
    assert len(_of(ET.fromstring(figure.charts[0][1]), "knot")) == 4


def _series(*values: float) -> Series:
    return Series("losses", "", tuple(range(1, len(values) + 1)), values)


def _trained(*values: float, **more: Any) -> Training:
    known = {"misread": 3, "total": 20, "least": 0.93, "images": ()}
    return Training(_series(*values), None, **(known | more))


@pytest.mark.slow
@pytest.mark.parametrize(("run", "epochs", "total"), [("iris", 20, 50), ("digits", 7, 599)])
def test_a_training_shows_your_losses_those_of_the_reference_and_the_accuracy(
    run: str, epochs: int, total: int
) -> None:
    (line,) = [line for line in report_of("perfect").lines if line.target.name == f"train.{run}"]
    (case,) = line.result.cases
    data = case.evidence
    assert isinstance(data, Training)
    assert data.losses is not None
    assert data.losses.x == tuple(range(1, epochs + 1))
    assert data.losses.y[-1] < data.losses.y[0] / 4
    assert data.expected is not None
    np.testing.assert_allclose(data.expected.y, data.losses.y, rtol=1e-9)  # it is the graded run
    assert (data.total, data.least) == (total, 0.93)
    figure = training("k", "training", data)
    (word, curve), (of_bar, bar) = figure.charts
    assert word == "mean loss of each epoch"
    assert len(_of(ET.fromstring(curve), "knot")) == epochs
    assert len(_of(ET.fromstring(curve), "diagonal")) == epochs - 1
    legend = ET.fromstring(curve)[-1]
    assert [text.text for text in legend if text.tag.endswith("text")] == [
        "yours", "reference solution",
    ]  # fmt: skip
    assert figure.notes[1] == NOT_CHECKED
    assert of_bar == f"accuracy on the {total} test examples"
    assert f"{case.figure:.3f}; expected at least 0.93." in bar
    done, rest = (_of(ET.fromstring(bar), name)[0] for name in ("done", "rest"))
    share = float(done.get("width", 0)) / float(rest.get("width", 0))
    assert share == pytest.approx(case.figure, abs=1e-3)
    assert data.misread == round((1 - case.figure) * total)
    assert len(figure.tiles) == (MISREAD if run == "digits" else 0)


@pytest.mark.slow
def test_misread_digits_are_those_that_the_network_takes_for_another_class() -> None:
    (line,) = [line for line in report_of("perfect").lines if line.target.name == "train.digits"]
    data = line.result.cases[0].evidence
    assert isinstance(data, Training)
    rows = load_digits().X_test.reshape(-1, 64)
    truth = load_digits().Y_test.argmax(axis=1)
    for one, (words, _) in zip(data.images, training("k", "t", data).tiles, strict=True):
        (at,) = np.flatnonzero((np.round(rows * 255) == one.image.reshape(-1)).all(axis=1))
        assert one.truth == truth[at]
        assert one.read != one.truth
        assert words == f"read as {one.read}, but is {one.truth}"


def test_an_image_has_ink_where_it_is_bright() -> None:
    image = np.array([[0, 255, 255], [119, 0, 255]], np.uint8)
    ((words, drawn),) = training("k", "t", _trained(1, 2, images=(Misread(image, 3, 8),))).tiles
    picture = ET.fromstring(drawn)
    paths = {path.get("fill-opacity"): path.get("d") for path in _of(picture, "ink")}
    assert paths == {"1": "M1 0h2v1h-2zM2 1h1v1h-1z", "0.467": "M0 1h1v1h-1z"}
    assert picture.get("viewBox") == "0 0 3 2"
    assert picture.get("width") == "64"
    assert words == "read as 3, but is 8"


def test_no_more_of_a_training_is_kept_than_is_shown_and_it_survives_json_values() -> None:
    small, large = (Misread(np.full((n, n), n, np.uint8), 1, 2) for n in (PIXELS, PIXELS + 1))
    whole = _trained(*range(3 * POINTS), images=(large, *[small] * 2 * MISREAD))
    kept = whole.cut()
    assert kept.losses is not None
    assert len(kept.losses.y) == POINTS
    assert (kept.losses.y[0], kept.losses.y[-1]) == (0, 3 * POINTS - 1)
    assert len(kept.images) == MISREAD
    assert {one.image.shape for one in kept.images} == {(PIXELS, PIXELS)}
    back = from_json(json.loads(json.dumps(to_json(kept))))
    assert isinstance(back, Training)
    assert replace(back, images=()) == replace(kept, images=())
    for one, other in zip(back.images, kept.images, strict=True):
        np.testing.assert_array_equal(one.image, other.image)
        assert (one.read, one.truth) == (other.read, other.truth)


def test_a_loss_that_is_no_number_is_a_gap_and_said() -> None:
    figure = training("k", "t", _trained(2.0, 1e300, float("inf"), float("nan")))
    assert len(_of(ET.fromstring(figure.charts[0][1]), "knot")) == 2
    assert "; not finite in 2 epochs, first in 3." in figure.notes[0]


def test_a_training_without_losses_or_outputs_shows_what_there_is() -> None:
    data = replace(_trained(2.0, 1.0), losses=None)
    assert [word for word, _ in training("k", "t", data).charts] == [
        "accuracy on the 20 test examples"
    ]
    assert training("k", "t", data).notes == ()
    data = _trained(2.0, 1.0, misread=None)
    assert [word for word, _ in training("k", "t", data).charts] == ["mean loss of each epoch"]


LARGE = _trained(1.7e308, -1.7e308)


def test_huge_numbers_are_drawn_without_a_warning() -> None:
    found = np.array([[1e308, -1e308], [1e-300, 0.0]])
    arrays = _arrays(found, -found, DZ)
    with np.errstate(all="raise"):
        assert len(_maps(heat_maps("k", "huge", arrays))[0]) == 3
        shown = [*charts.scatter("k", arrays)[0], *training("k", "c", LARGE).charts[0]]
    assert "nan" not in " ".join(shown)
    assert "inf" not in " ".join(shown)


def test_no_zero_of_a_picture_has_a_sign() -> None:
    assert (svg.short(-0.0), svg.shown(-0.0)) == ("0", "0")
    assert (svg.short(-1234.5), svg.shown(-1234.5)) == ("-1.23e+03", "-1234.5")
    assert svg.shown(float("nan")) == "NaN"
