from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from itertools import combinations
from pathlib import Path
from typing import Any

import matplotlib
import pytest
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.patches import Rectangle
from matplotlib.text import Text
from tests.report.tables import make_chain, make_row, make_table
from torch import nn

from striate.measure.fields import ReceptiveField
from striate.measure.measurement import measure
from striate.report.costs import draw_costs
from striate.report.folding import MOST, fold_rows
from striate.report.palette import BLUE, PALE_BLUE
from striate.report.picture import Picture, styled


def read_bars(axes: Axes, rows: int, color: str | None = None) -> list[float]:
    """The length of what is drawn at each place of the layer axis, in the axis's own units."""
    lengths = [0.0] * rows
    for bar in (bar for group in axes.containers for bar in group):
        if color is None or matplotlib.colors.same_color(bar.get_facecolor(), color):
            lengths[round(bar.get_y() + bar.get_height() / 2)] += bar.get_width()
    return lengths


def draw(picture: Picture) -> Any:
    canvas: Any = FigureCanvasAgg(picture)
    with styled():
        canvas.draw()
    return canvas.get_renderer()


def find_texts(picture: Picture) -> Iterator[Text]:
    for text in picture.findobj(Text):
        assert isinstance(text, Text)
        if text.get_text() and text.get_visible():
            yield text


def check_layout(picture: Picture) -> None:
    """No text on another, none cut off by the edge."""
    renderer = draw(picture)
    texts = list(find_texts(picture))
    with styled():
        boxes = [text.get_window_extent(renderer) for text in texts]
    whole = picture.bbox
    for text, box in zip(texts, boxes, strict=True):
        assert box.width == 0 or (whole.x0 <= box.x0 and box.x1 <= whole.x1), text
        assert box.height == 0 or (whole.y0 <= box.y0 and box.y1 <= whole.y1), text
    for (one, a), (other, b) in combinations(zip(texts, boxes, strict=True), 2):
        apart = a.x1 <= b.x0 or b.x1 <= a.x0 or a.y1 <= b.y0 or b.y1 <= a.y0
        assert apart or 0 in (a.width, b.width), (one, other)


@pytest.mark.parametrize("layers", [9, MOST - 1])
def test_bars_are_the_rows_figures(layers: int) -> None:
    table = make_chain((32, 48), layers)
    multiplies, parameters, memory, fields = draw_costs(table).axes[:4]
    rows = table.rows
    assert read_bars(multiplies, len(rows)) == [row.multiplies for row in rows]
    assert read_bars(parameters, len(rows)) == [row.parameters for row in rows]
    assert read_bars(memory, len(rows), PALE_BLUE) == [row.output_bytes for row in rows]
    assert read_bars(memory, len(rows), BLUE) == [row.saved_bytes for row in rows]
    seen = [(32 + 48) if row.field is None else sum(row.field.size) for row in rows]  # two axes, a bar each
    assert read_bars(fields, len(rows)) == seen


def test_bars_start_at_nothing_and_the_first_layer_is_on_top() -> None:
    axes = draw_costs(make_chain((32, 32), 5)).axes[0]
    assert {bar.get_x() for group in axes.containers for bar in group} == {0}
    bottom, top = axes.get_ylim()
    assert top < 0 < 5 < bottom
    assert [text.get_text() for text in axes.get_yticklabels()] == [*(f"conv{i}" for i in range(5)), "gap"]


def test_a_field_beyond_the_input_is_hatched() -> None:
    table = make_chain((8, 8), 4)
    fields = draw_costs(table).axes[3]
    solid, hatched = [0.0] * 5, [0.0] * 5
    for bar in (bar for group in fields.containers for bar in group):
        (hatched if bar.get_hatch() else solid)[round(bar.get_y() + bar.get_height() / 2)] += bar.get_width()
    sizes = [8 if row.field is None else row.field.size[0] for row in table.rows]
    assert solid == [min(size, 8) for size in sizes]
    assert hatched == [max(size - 8, 0) for size in sizes]
    assert max(hatched) > 0


@pytest.mark.parametrize("steep", [False, True])
def test_the_scale_is_said_and_fits(steep: bool) -> None:
    rows = [make_row(f"conv{i}", i, parameters=(10 ** (i + 1) if steep else i + 1)) for i in range(8)]
    axes = draw_costs(make_table(rows)).axes[1]
    assert axes.get_xscale() == ("log" if steep else "linear")
    assert ("logarithmic" if steep else "linear") in axes.get_xlabel()
    assert read_bars(axes, 8) == [row.parameters for row in rows]
    low, high = axes.get_xlim()
    assert low < min(row.parameters for row in rows) < max(row.parameters for row in rows) < high


@pytest.mark.parametrize(
    ("extents", "layers"),
    [((4000,), 12), ((32, 32), 12), ((80, 3000), 12), ((16, 112, 64), 10), ((16, 64, 64), 10), ((4, 8, 8, 8), 4)],
)
def test_no_text_covers_another(extents: tuple[int, ...], layers: int) -> None:
    check_layout(draw_costs(make_chain(extents, layers)))


@pytest.mark.parametrize("count", [0, 1, 2, MOST, MOST + 1, 200, 3000])
def test_any_number_of_rows_can_be_read(count: int) -> None:
    names = [f"features.block{i // 20}.branch{i // 5 % 4}.body.conv{i % 5}" for i in range(count)]
    table = make_table([make_row(name, i, multiplies=7**i % 1013) for i, name in enumerate(names)])
    picture = draw_costs(table)
    bars = fold_rows(table.rows)
    assert len(bars) <= MOST
    assert sum(read_bars(picture.axes[0], len(bars))) == table.multiplies
    check_layout(picture)


def test_two_axes_see_rectangles_of_the_input() -> None:
    field = ReceptiveField((20, 6), (Fraction(2), Fraction(4)), (-7, 1))
    picture = draw_costs(make_table([make_row("conv1", output=(8, 16, 8), field=field)], (3, 32, 32)))
    drawing = picture.axes[4]
    boxes = {(box.get_x(), box.get_y(), box.get_width(), box.get_height()) for box in drawing.findobj(Rectangle)}
    top, left = -7 + 8 * 2, 1 + 4 * 4  # cell (8, 4) is the middle of 16 x 8
    assert (0, 0, 32, 32) in boxes
    assert (left, top, 6, 20) in boxes
    assert "16 × 8: 20 × 6" in {text.get_text() for text in find_texts(picture)}


@pytest.mark.parametrize(("size", "leaves"), [(9, False), (31, False), (99, True)])
def test_a_field_that_leaves_the_drawing_is_said_to(size: int, leaves: bool) -> None:
    field = ReceptiveField((size, size), (Fraction(1), Fraction(1)), (-size // 2, -size // 2))
    picture = draw_costs(make_table([make_row("conv1", output=(8, 16, 16), field=field)], (3, 16, 16)))
    low, high = picture.axes[4].get_xlim()
    assert leaves == (8 - size // 2 < low or 8 + size // 2 > high)
    texts = {text.get_text() for text in find_texts(picture)}
    assert f"16 × 16: {size} × {size}{', leaves the drawing' if leaves else ''}" in texts


@pytest.mark.parametrize("extents", [(64,), (16, 32, 64)])
def test_other_dimensions_see_intervals(extents: tuple[int, ...]) -> None:
    axes = len(extents)
    steps, sizes = range(2, 2 + axes), range(9, 9 + axes)
    field = ReceptiveField(tuple(sizes), tuple(map(Fraction, steps)), (-1,) * axes)
    picture = draw_costs(make_table([make_row("conv1", output=(8, *(8,) * axes), field=field)], (1, *extents)))
    for drawing, step, size in zip(picture.axes[4:], steps, sizes, strict=True):
        (interval,) = (bar for group in drawing.containers for bar in group)
        assert (interval.get_x(), interval.get_width()) == (-1 + 4 * step, size)


def test_partial_rows_are_marked_and_named() -> None:
    rows = [make_row("conv1"), make_row("odd1", 1, status="partial: no rule for aten.frobnicate")]
    picture = draw_costs(make_table(rows))
    texts = [text.get_text() for text in find_texts(picture)]
    assert "* odd1" in texts
    assert "conv1" in texts
    assert "at least 3,000 for the batch" in texts
    assert any("no rule for aten.frobnicate (1x)" in text for text in texts)


def test_without_training_there_is_nothing_kept() -> None:
    rows = [make_row(f"conv{i}", i, saved_bytes=None, backward_multiplies=None) for i in range(3)]
    picture = draw_costs(make_table(rows, training=None, notes=("training isn't measured: why not",)))
    texts = " ".join(text.get_text() for text in find_texts(picture))
    assert "kept" not in texts
    assert "training step" not in texts
    assert "training isn't measured: why not" in texts
    assert len(picture.axes[2].containers) == 1


def test_parameters_that_nothing_uses_are_a_bar_without_a_field() -> None:
    rows = [make_row("conv1", field=None), make_row("aux", -1, kind="unused", parameters=77, output=(), field=None)]
    picture = draw_costs(make_table(rows))
    assert read_bars(picture.axes[1], 2) == [0, 77]
    assert read_bars(picture.axes[3], 2) == [32, 0]


def test_an_input_without_extents_has_no_field() -> None:
    picture = draw_costs(make_table([make_row("fc1", output=(10,), field=None)], (784,)))
    assert len(picture.axes) == 3
    check_layout(picture)


def test_hostile_names_are_shown_as_they_are() -> None:
    name = r"a$\frac{b}$_x\n<&>" + "\x00" + "層"
    picture = draw_costs(make_table([make_row(name, kind="conv")], network="$x^2$ " * 40))
    check_layout(picture)
    assert any(text.get_text().startswith(r"a$\frac{b}$_x\n<&>?") for text in find_texts(picture))


@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_every_format_can_be_saved(form: str, tmp_path: Path) -> None:
    table = make_chain((32, 32), 4)
    first, second = tmp_path / f"a.{form}", tmp_path / f"b.{form}"
    draw_costs(table).savefig(first)
    draw_costs(table).savefig(str(second))
    assert first.read_bytes() == second.read_bytes()
    if form == "svg":
        assert all(f">{word}<" in first.read_text() for word in ("conv3", "Receptive field", "hand-made"))


def test_the_users_settings_change_nothing() -> None:
    table = make_chain((32, 32), 4)
    with matplotlib.rc_context({"font.size": 30, "text.usetex": True, "axes.facecolor": "red"}):
        picture = draw_costs(table)
        kept = dict(matplotlib.rcParams)
        sizes = [text.get_fontsize() for text in find_texts(picture)]
    assert sizes == [text.get_fontsize() for text in find_texts(draw_costs(table))]
    assert kept["text.usetex"] is True
    check_layout(picture)


def test_a_measured_network_is_drawn() -> None:
    module = nn.Sequential(nn.Conv1d(2, 4, 5, stride=2), nn.ReLU(), nn.Conv1d(4, 4, 3), nn.Flatten(), nn.Linear(24, 3))
    table = measure(module, (2, 19))
    picture = draw_costs(table)
    assert sum(read_bars(picture.axes[0], len(table.rows))) == table.multiplies
    check_layout(picture)
