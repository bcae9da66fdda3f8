"""Who sees whom, by walking from cell to cell, and by counting the uses of a weight one by one."""

from __future__ import annotations

import pytest
from tests.worked.pages import Page, run_page

Cell = tuple[int, int]


@pytest.fixture(scope="module")
def page() -> Page:
    return run_page("sight")


def find_shown(page: Page, heading: str, number: int = 0) -> list[str]:
    blocks = [block.shown for block in page.blocks if block.heading == heading and block.shown]
    return blocks[number].splitlines()


def walk_axis(output: int, extent: int) -> list[int]:
    """What a cell of conv3, maxpool2, conv3 sees along one axis: padding is a dead end at either convolution."""
    pooled = [cell for cell in (output - 1, output, output + 1) if 0 <= cell < extent // 2]
    mapped = [2 * cell + tap for cell in pooled for tap in (0, 1)]
    return sorted({cell + tap for cell in mapped for tap in (-1, 0, 1) if 0 <= cell + tap < extent})


def walk(output: Cell) -> set[Cell]:
    return {(row, column) for row in walk_axis(output[0], 10) for column in walk_axis(output[1], 10)}


def draw(cells: set[Cell], extent: int) -> list[str]:
    return [" ".join(".#"[(row, column) in cells] for column in range(extent)) for row in range(extent)]


def draw_beside(*masks: list[str]) -> list[str]:
    return ["      ".join(rows) for rows in zip(*masks, strict=True)]


def test_what_one_output_sees(page: Page) -> None:
    corner, middle = walk((0, 0)), walk((2, 2))
    *masks, counts = find_shown(page, "What one output sees")
    assert masks == draw_beside(draw(corner, 10), draw(middle, 10))
    assert counts == f"{len(corner)} and {len(middle)} cells"


def test_the_rule(page: Page) -> None:
    """On an axis without ends, from the cells that outputs 0 and 1 see."""
    layers, shown = [(3, 1, 1), (2, 2, 0), (3, 1, 1)], find_shown(page, "What one output sees", 1)
    for count, line in enumerate(shown, 1):
        seen = []
        for output in (0, 1):
            cells = {output}
            for size, stride, before in reversed(layers[:count]):
                cells = {stride * cell - before + tap for cell in cells for tap in range(size)}
            seen.append(sorted(cells))
        size, step, offset = len(seen[0]), seen[1][0] - seen[0][0], seen[0][0]
        assert line.split(" ", 1)[1] == f"size {size} step {step} offset {offset}"
    assert "1 + 2x1 + 1x1 + 2x2 is 8" in " ".join(page.text.split())
    assert 1 + 2 * 1 + 1 * 1 + 2 * 2 == len(seen[0]) == 8


def test_holes(page: Page) -> None:
    cells = {(4 + 3 * down, 4 + 3 * right) for down in (-1, 0, 1) for right in (-1, 0, 1)}
    *mask, counts = find_shown(page, "What one output sees", 2)
    assert mask == draw(cells, 8)
    spread = max(row for row, _ in cells) - min(row for row, _ in cells) + 1
    assert counts == f"{len(cells)} cells, spread over {spread}x{spread}"


def test_what_one_input_touches(page: Page) -> None:
    """Forwards: a cell reaches its neighbours, each its block, each block its neighbours."""

    def reach(cell: int) -> set[int]:
        blocks = {(cell + tap) // 2 for tap in (-1, 0, 1) if 0 <= cell + tap < 10}
        return {block + tap for block in blocks for tap in (-1, 0, 1) if 0 <= block + tap < 5}

    touched = [{(row, column) for row in reach(cell) for column in reach(cell)} for cell in (0, 5)]
    assert find_shown(page, "What one input touches") == draw_beside(*(draw(cells, 5) for cells in touched))


def test_one_layer_as_a_matrix(page: Page) -> None:
    sees, touches = [0] * 9, [0] * 49
    for output in range(9):
        for tap in range(9):
            row, column = 2 * (output // 3) + tap // 3, 2 * (output % 3) + tap % 3
            sees[output] += 1
            touches[7 * row + column] += 1
    assert page.list_numbers("What one input touches", 1) == [*sees, *touches]
    assert set(sees) == {9}
    assert set(touches) == {1, 2, 4}


def test_how_often_a_weight_is_used(page: Page) -> None:
    used, met = [0] * 9, [0] * 9
    for row in range(6):
        for column in range(6):
            for tap in range(9):
                used[tap] += 1
                met[tap] += 0 <= row + tap // 3 - 1 < 6 and 0 <= column + tap % 3 - 1 < 6
    assert page.list_numbers("How often a weight is used") == [*met, sum(met), sum(used)]
    assert set(used) == {36}
    assert [tap for tap in range(9) if met[tap] == used[tap]] == [4]
