"""Random layers, 1-D to 3-D, by hypothesis: each spelled-out cell is the module's own, each field is measure's."""

from __future__ import annotations

from math import prod

import numpy as np
import torch
from hypothesis import HealthCheck, given, reject, settings
from hypothesis import strategies as draws

import striate
from striate.errors import InputError
from striate.explain.sums import find_layer, play, spell_cell
from striate.measure.between import look_between

SETTINGS = settings(
    max_examples=60,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.filter_too_much, HealthCheck.too_slow],
)
LIMIT = 1e-5


@draws.composite
def draw_layer(draw: draws.DrawFn) -> tuple[str, tuple[int, ...]]:
    """A layer's text and its input: any kind, size, stride, dilation, groups, padding and mode."""
    axes = draw(draws.integers(1, 3))
    groups = draw(draws.sampled_from([1, 1, 2, 3]))
    channels, made = groups * draw(draws.integers(1, 2)), groups * draw(draws.integers(1, 2))
    sizes = [draw(draws.integers(1, 4 if axes < 3 else 3)) for _ in range(axes)]
    strides = [draw(draws.integers(1, 3)) for _ in range(axes)]
    extents = [draw(draws.integers(4, 9 if axes < 3 else 5)) for _ in range(axes)]
    kind = draw(draws.sampled_from(["conv", "conv", "conv", "deconv", "depthwise", "local"]))
    size, stride = ("x".join(map(str, each)) for each in (sizes, strides))
    head = f"depthwise{size}/{stride}" if kind == "depthwise" else f"{kind}{size}-{made}/{stride}"
    options = [] if kind == "depthwise" else [f"groups={groups}"]
    if kind in ("conv", "depthwise"):
        options.append(f"dilation={draw(draws.integers(1, 2))}")
        options.append(f"mode={draw(draws.sampled_from(['zeros', 'reflect', 'replicate', 'circular']))}")
    if kind != "deconv":
        before, after = draw(draws.integers(0, 2)), draw(draws.integers(0, 2))
        options.append(f"pad={draw(draws.sampled_from(['same', 'valid', 'full', str(before), f'{before}:{after}']))}")
    options.append(f"bias={draw(draws.sampled_from(['yes', 'no']))}")
    return " ".join([head, *options]), (channels, *extents)


def build(text: str, shape: tuple[int, ...], seed: int) -> torch.nn.Module:
    """The layer, every number in it drawn; what the notation refuses is no example."""
    try:
        module = striate.build(text, input=shape, seed=seed).eval()
    except InputError:
        reject()
    generator = torch.Generator().manual_seed(seed)
    for parameter in module.parameters():
        parameter.data.copy_(torch.randn(parameter.shape, generator=generator))
    return module


@SETTINGS
@given(draw_layer(), draws.integers(0, 1000))
def test_a_drawn_layer_s_cells_come_to_the_module_s_numbers(layer: tuple[str, tuple[int, ...]], seed: int) -> None:
    text, shape = layer
    module, x = build(text, shape, seed), torch.randn(1, *shape, generator=torch.Generator().manual_seed(seed))
    with torch.no_grad():
        output = module(x)[0]
    playing, generator = play(module, x), np.random.default_rng(seed)
    for number in {0, output.numel() - 1, *generator.integers(output.numel(), size=2).tolist()}:
        cell = tuple(int(index) for index in np.unravel_index(number, output.shape))
        spelled, wanted = spell_cell(playing, 0, cell), float(output[cell])
        added = float(spelled.terms.products.sum()) + (spelled.bias or 0.0) if spelled.terms is not None else wanted
        scale = max(1.0, abs(wanted))
        assert abs(spelled.total - wanted) <= LIMIT * scale, (text, shape, cell)
        assert abs(added - wanted) <= LIMIT * scale, (text, shape, cell)


@SETTINGS
@given(draw_layer(), draws.booleans(), draws.integers(0, 1000))
def test_a_drawn_layer_s_field_is_measure_s_and_the_gradient_s(
    layer: tuple[str, tuple[int, ...]], skips: bool, seed: int
) -> None:
    text, shape = layer
    text = f"add[conv3-{shape[0]} | ], relu, {text}" if skips else text
    module = build(text, shape, seed)
    for parameter in module.parameters():
        parameter.data.abs_().add_(0.1)  # so that nothing cancels out, and relu lets everything pass
    x = torch.rand(1, *shape, generator=torch.Generator().manual_seed(seed)).add_(0.1).requires_grad_()
    output = module(x)
    playing = play(module, x.detach())
    name = next(path for path, part in reversed([*module.named_modules()]) if path and not [*part.children()])
    value = find_layer(playing, name).value
    cell = tuple(
        int(np.random.default_rng(seed + axis).integers(extent)) for axis, extent in enumerate(output.shape[1:])
    )
    sight = look_between(playing.trace, value, cell)[id(playing.input)]
    measured = striate.measure(module, shape).field_at(name, cell)
    assert [(part.start, part.stop) for part in sight] == [(part.start, part.stop) for part in measured]
    (slopes,) = torch.autograd.grad(output[(0, *cell)], x)
    seen = np.argwhere(slopes[0].sum(0).numpy() != 0)
    if len(seen) and prod(seen.shape):
        box = [(low, high + 1) for low, high in zip(seen.min(0).tolist(), seen.max(0).tolist(), strict=True)]
        assert [(part.start, part.stop) for part in sight] == box, (text, shape, cell)
