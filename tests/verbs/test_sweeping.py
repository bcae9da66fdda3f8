from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from tests.verbs.untrained import make_run

import striate
from striate.engine import Engine
from striate.errors import InputError
from striate.locate import Sweep, rescale, scale_extents
from striate.verbs import sweeping
from striate.verbs.sweeping import count_positions, make_sliding, sweep_scales

VALID = "conv3-6 pad=valid, relu, maxpool2, conv2-8 pad=valid, bn, relu, flatten, fc-16, relu, fc-classes"
PADDED = "conv3-6, relu, maxpool2, conv3-8, gap, flatten, fc-classes"
INPUTS = [((1, 14), (60,)), ((3, 9, 12), (25, 31)), ((2, 6, 6, 8), (9, 10, 13))]


def draw(channels: int, extents: tuple[int, ...], dtype: Any = np.uint8) -> Any:
    values = np.random.default_rng(1).random((channels, *extents))
    return (values * 255).astype(np.uint8) if dtype is np.uint8 else values.astype(dtype)


def check_against_predict(run: striate.Run, sweep: Sweep, level: Any, tolerance: float) -> None:
    """Every window cut out and predicted by itself."""
    crops = []
    for place in np.ndindex(sweep.filled.shape):
        firsts = [starts[cell] for starts, cell in zip(sweep.starts, place, strict=True)]
        crops.append(level[:, *(slice(f, f + s) for f, s in zip(firsts, run.input[1:], strict=True))])
    rows = np.concatenate([striate.predict(run, crop[None]) for crop in crops])
    listed = np.moveaxis(sweep.probabilities, 0, -1).reshape(-1, len(run.classes))
    assert np.abs(listed - rows).max() < tolerance
    assert np.ptp(listed, axis=0).max() > 0.2


@pytest.mark.parametrize("recipe", [{}, {"mirror": True, "nudge": 1, "unsure": 0.8}])
@pytest.mark.parametrize("text", [VALID, PADDED])
@pytest.mark.parametrize(("input", "extents"), INPUTS)
def test_windows_that_are_cut_out_are_predictions(
    input: tuple[int, ...], extents: tuple[int, ...], text: str, recipe: dict[str, Any]
) -> None:
    run, values = make_run(text, input, **recipe), draw(input[0], extents)
    (sweep,) = sweep_scales(run, values, [1.0], None)
    assert all(
        max(np.diff(starts), default=1) <= max(1, size // 8)
        for starts, size in zip(sweep.starts, input[1:], strict=True)
    )
    check_against_predict(run, sweep, values, 1e-5)


@pytest.mark.parametrize("dtype", [np.uint8, np.float32])
@pytest.mark.parametrize(("input", "extents"), INPUTS)
def test_a_network_that_slides_gives_the_same(input: tuple[int, ...], extents: tuple[int, ...], dtype: Any) -> None:
    run, values = make_run(VALID, input), draw(input[0], extents, dtype)
    sliding = make_sliding(run, None)
    assert sliding is not None
    assert (sliding.exact, sliding.step) == (True, (2,) * len(extents))
    for sweep in sweep_scales(run, values, [0.9, 1.0, 1.3], sliding):
        check_against_predict(run, sweep, rescale(values, sweep.scale), 1e-5)


@pytest.mark.parametrize("windows", [0.1, 1.5, 2.5])
@pytest.mark.parametrize(("input", "extents"), INPUTS)
def test_tiles_make_no_difference(
    input: tuple[int, ...], extents: tuple[int, ...], windows: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, values = make_run(VALID, input), draw(input[0], extents)
    sliding = make_sliding(run, True)
    (whole,) = sweep_scales(run, values, [1.0], sliding)
    monkeypatch.setattr(sweeping, "TILE_CELLS", int(windows * math.prod(input[1:])))
    heard: list[tuple[int, int]] = []
    (tiled,) = sweep_scales(run, values, [1.0], sliding, lambda *done: heard.append(done))
    assert np.allclose(tiled.probabilities, whole.probabilities, atol=1e-5)
    assert tiled.starts == whole.starts
    assert len(heard) > 1


@pytest.mark.parametrize("dense", [False, True])
def test_how_far_it_is_is_told_over_all_scales(dense: bool) -> None:
    run, values, scales = make_run(VALID, (3, 9, 12)), draw(3, (25, 31)), [0.5, 1.0, 2.0]
    sliding, heard = make_sliding(run, dense), []

    def hear(done: int, total: int) -> None:
        heard.append((done, total))

    sweeps = sweep_scales(run, values, scales, sliding, hear)
    total = sum(sweep.filled.size for sweep in sweeps)
    assert heard[-1] == (total, total)
    assert [done for done, _ in heard] == sorted({done for done, _ in heard})
    assert {each for _, each in heard} == {total}
    extents = [scale_extents((25, 31), scale) for scale in scales]
    assert [count_positions(run, each, sliding) for each in extents] == [sweep.filled.size for sweep in sweeps]


def test_it_slides_where_that_is_exact_and_where_it_is_asked() -> None:
    valid, padded = make_run(VALID, (1, 12, 12)), make_run(PADDED, (1, 12, 12))
    assert make_sliding(valid, False) is None
    assert make_sliding(padded, None) is None
    sliding = make_sliding(padded, True)
    assert sliding is not None
    assert not sliding.exact
    assert "read past a crop's border" in sliding.why


@pytest.mark.parametrize("recipe", [{"mirror": True}, {"nudge": 1}])
def test_where_predictions_are_means_over_views_sliding_is_not_exact(recipe: dict[str, Any]) -> None:
    run, values = make_run(VALID, (1, 12, 12), **recipe), draw(1, (20, 20))
    assert make_sliding(run, None) is None
    sliding = make_sliding(run, True)
    assert sliding is not None
    assert not sliding.exact
    assert "mirror image or moved copies" in sliding.why
    (sweep,) = sweep_scales(run, values, [1.0], sliding)
    check_against_predict(make_run(VALID, (1, 12, 12)), sweep, values, 1e-5)


def test_a_network_that_cannot_slide_says_so_where_it_is_asked() -> None:
    run = make_run("local3-4, relu, flatten, fc-classes", (1, 8, 8))
    assert make_sliding(run, None) is None
    with pytest.raises(InputError):
        make_sliding(run, True)


def test_a_module_that_is_in_training_slides_as_it_predicts_and_stays_so() -> None:
    run, values = make_run(VALID.replace("flatten", "dropout p=0.5, flatten"), (1, 12, 12)), draw(1, (20, 20))
    run.module.train()
    (sweep,) = sweep_scales(run, values, [1.0], make_sliding(run, True))
    check_against_predict(run, sweep, values, 1e-5)
    assert all(part.training for part in run.module.modules())


def test_it_slides_in_the_runs_precision() -> None:
    run = make_run(VALID, (3, 12, 12), engine=Engine(precision="bf16", memory_format="channels_last"))
    values = draw(3, (20, 20))
    (sweep,) = sweep_scales(run, values, [1.0], make_sliding(run, True))
    check_against_predict(run, sweep, values, 0.05)
    exact = sweep_scales(make_run(VALID, (3, 12, 12)), values, [1.0], make_sliding(run, True))[0]
    assert np.abs(sweep.probabilities - exact.probabilities).max() > 1e-5
