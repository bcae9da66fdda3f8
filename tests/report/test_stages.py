from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

from tests.report.tables import make_chain, make_row, make_table

from striate.measure.fields import ReceptiveField
from striate.report.stages import MOST, find_extents, find_stages, group_axes


def make_field(*sizes: int) -> ReceptiveField:
    return ReceptiveField(sizes, tuple(Fraction(1) for _ in sizes), tuple(0 for _ in sizes))


def test_each_resolution_shows_its_widest_row() -> None:
    sizes = {32: (3, 9, 5), 16: (11, 7), 8: (13,)}
    rows = [make_row("conv", output=(4, n, n), field=make_field(s, s)) for n, all_ in sizes.items() for s in all_]
    stages = find_stages(make_table(rows))
    assert [(stage.extents, len(stage.seen[0]) if stage.seen else 0) for stage in stages] == [
        ((n, n), max(all_)) for n, all_ in sizes.items()
    ]


def test_a_resolution_that_comes_back_is_a_stage_again() -> None:
    rows = [make_row("conv", output=(4, n, n), field=make_field(i, i)) for i, n in enumerate((32, 16, 32), 1)]
    assert [stage.title for stage in find_stages(make_table(rows))] == ["32 × 32", "16 × 16", "32 × 32"]
    back_and_forth = [make_row("conv", output=(4, 16 + i % 2, 8)) for i in range(50)]
    assert [stage.extents for stage in find_stages(make_table(back_and_forth))] == [(16, 8), (17, 8)]


def test_stages_are_never_too_many() -> None:
    rows = [make_row("conv", output=(4, 8 + i, 8)) for i in range(100)]
    assert 2 <= len(find_stages(make_table(rows))) <= MOST


def test_rows_without_extents_are_no_stage() -> None:
    rows = [make_row("conv1"), make_row("fc1", output=(10,), field=None)]
    assert len(find_stages(make_table(rows))) == 1
    assert find_stages(make_table([make_row("fc1", output=(10,), field=None)], (784,))) == ()


def test_of_several_inputs_the_one_with_axes_counts() -> None:
    table = make_table([make_row("conv1")], input=(3, 24, 32))
    assert find_extents(replace(table, input=((7,), (3, 24, 32)))) == (24, 32)
    assert find_extents(replace(table, input=((3, 24, 32), (7,)))) == (24, 32)


def test_axes_that_are_alike_are_one_group() -> None:
    assert group_axes(make_chain((8, 8), 3)) == {(0, 1): "height, width"}
    assert group_axes(make_chain((4, 8, 8), 3)) == {(0,): "depth", (1, 2): "height, width"}
    uneven = make_table([make_row("conv1", field=make_field(3, 5))])
    assert group_axes(uneven) == {(0,): "height", (1,): "width"}
