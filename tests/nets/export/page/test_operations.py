from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from tests.nets.every_word import TEXTS
from tests.nets.export.page.pages import Opened, compare, write
from torch import Tensor, nn

import striate
from striate.errors import InputError, NotationError, ShapeError
from striate.nets.export.page.document import compose_script
from striate.nets.export.page.operations import RUNTIME, VIEWS
from striate.nets.vocabulary import BACKBONES, LAYERS, WORDS

SHAPES = [(4, 12), (4, 9, 8), (4, 8, 8, 8), (4, 4, 4, 4, 4)]
CASES = [(name, shape) for name in TEXTS for shape in SHAPES if len(shape) < 5 or name in ("heads", "choices")]


def test_the_texts_hold_every_word() -> None:
    said = " ".join(TEXTS.values()) + " embed"
    missing = {word for word in WORDS - BACKBONES if word not in said}
    assert not missing
    assert set(LAYERS) <= WORDS


@pytest.mark.browser
@pytest.mark.parametrize(("name", "shape"), CASES)
def test_every_word_gives_in_the_page_what_torch_gives(
    tmp_path: Path, opened: Opened, name: str, shape: tuple[int, ...]
) -> None:
    module = striate.build(TEXTS[name], input=shape)
    facts = write(module, shape, tmp_path / "a.html")
    assert facts.relative_error is not None
    assert facts.relative_error <= 1e-5
    assert compare(opened, module, tmp_path / "a.html", shape) <= 1e-4


@pytest.mark.browser
def test_an_embedding_takes_numbers_of_words(tmp_path: Path, opened: Opened) -> None:
    module = striate.build("embed7-5, conv3-4 pad=causal, relu, gmp, flatten, fc-3", input=(1, 9))
    write(module, (1, 9), tmp_path / "a.html")
    assert compare(opened, module, tmp_path / "a.html", (1, 9), symbols=7) <= 1e-4


def draw_text(rng: random.Random, axes: int) -> str:
    """A network of random words: each keeps what the next needs."""
    items: list[str] = []
    for _ in range(rng.randint(3, 7)):
        size, channels = rng.choice([1, 2, 3]), 4 * rng.randint(1, 3)
        pad = rng.choice(["same", "valid", "full", "causal", "1", "0:1"])
        mode = rng.choice(["zeros", "zeros", "reflect", "replicate", "circular"])
        items.append(
            rng.choice(
                [
                    f"conv{size}-{channels}/{rng.choice([1, 1, 2])} pad={pad} dilation={rng.choice([1, 1, 2])}",
                    f"conv{size}-{channels} mode={mode} groups={rng.choice([1, 2, 4])}, bn",
                    f"depthwise{size}, {rng.choice(['relu', 'relu6', 'gelu', 'silu', 'tanh'])}",
                    f"deconv{size}-{channels}/{rng.choice([1, 2])} groups={rng.choice([1, 2])}",
                    f"local2-{channels} bias=yes",
                    f"maxpool{rng.choice([2, 3])}/{rng.choice([1, 2])} ceil={rng.choice(['yes', 'no'])} pad=1",
                    f"avgpool{rng.choice([2, 3])}/{rng.choice([1, 2])} ceil={rng.choice(['yes', 'no'])}",
                    "cat[ | conv3-4, lrn]",
                    "mul[ | gap, sigmoid]",
                    "conv1-8, maxout2, gn groups=2",
                    "maxpool2, upsample2, ln",
                    "conv1-8, channelshuffle groups=2, scale",
                ]
            )
        )
    return ", ".join([f"conv1-{4}", *items, *rng.choice([[], ["gap, flatten, fc-3"], ["kmaxpool2"]])])


@pytest.mark.browser
@pytest.mark.parametrize("seed", range(9))
def test_random_networks(tmp_path: Path, opened: Opened, seed: int) -> None:
    rng = random.Random(seed)
    shape = SHAPES[seed % 3]
    while True:
        text = draw_text(rng, len(shape) - 1)
        try:
            module = striate.build(text, input=shape)
            break
        except (InputError, NotationError, ShapeError):
            continue
    write(module, shape, tmp_path / "a.html")
    assert compare(opened, module, tmp_path / "a.html", shape) <= 1e-4, text


class Mixed(nn.Module):
    """What hand-written modules do: attention, norms over rows, tables of indices, comparisons, several outputs."""

    def __init__(self) -> None:
        super().__init__()
        self.attention = nn.MultiheadAttention(8, 2, batch_first=True)
        self.norm, self.conv = nn.LayerNorm(8), nn.Conv2d(3, 8, 3, padding=1)
        self.pool = nn.AdaptiveAvgPool2d((3, 2))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        maps = F.leaky_relu(self.conv(x), 0.2)
        rows = maps.flatten(2).transpose(1, 2)
        seen, _ = self.attention(rows, rows, rows)
        rows = self.norm(rows + seen)
        best = torch.where(rows > rows.mean(1, keepdim=True), rows, rows.abs().sqrt())
        scores = torch.cat([best.amax(1), best.std(1), best[:, ::2].sum(1), F.elu(best[:, -1])], 1)
        return scores.log_softmax(1), F.pad(self.pool(maps).roll(1, 3), (1, -1, 0, 2), value=0.5).clamp(-0.2, 0.8)


@pytest.mark.browser
def test_a_module_of_a_users_own(tmp_path: Path, opened: Opened) -> None:
    module = Mixed()
    write(module, (3, 6, 5), tmp_path / "a.html")
    assert compare(opened, module, tmp_path / "a.html", (3, 6, 5)) <= 1e-4


@pytest.mark.browser
@pytest.mark.parametrize(
    ("function", "shape"),
    [
        (lambda x: (x * 3).round() + x.floor() - x.ceil() + x.trunc() + x.sign(), (40,)),
        (lambda x: torch.erf(x) + x.exp() + x.expm1() + x.abs().log1p() + x.sin() + x.cos() + x.atan(), (40,)),
        (lambda x: x.abs() ** 1.5 + x % 0.7 + torch.fmod(x, 0.3) + torch.atan2(x, x + 2) + 1 / (x + 9), (40,)),
        (lambda x: torch.maximum(x, -x) + torch.minimum(x, x * 2) + ((x > 0) & (x < 1)) + (x.ge(0) | x.le(-1)), (40,)),
        (lambda x: x.sort(2, descending=True)[0] + x.topk(5, 2)[0] + x.cumsum(1), (4, 5)),
        (lambda x: x.prod(1) + x.amin(1) + x.max(1)[0] + x.min(1)[1] + x.argmax(1), (4, 5)),
        (lambda x: x.flip(1, 2).repeat(1, 2, 3)[:, 1:5:2].unfold(2, 3, 2), (4, 5)),
        (lambda x: x.gather(1, (x[:, :2] > 0).long()) + x.index_select(1, torch.tensor([2, 0])), (4, 5)),
        (lambda x: x.scatter(1, (x[:, :1] > 0).long(), 7.0) + x[:, torch.tensor([3, 1, 0, 2])], (4, 5)),
        (lambda x: torch.stack(x.unbind(1), 2) @ x.softmax(1) + x.var((1, 2), keepdim=True), (5, 5)),
        (lambda x: F.interpolate(x, scale_factor=1.5, mode="bilinear"), (2, 4, 6)),
        (lambda x: F.interpolate(x, size=(7, 5)), (2, 4, 6)),
        (lambda x: F.avg_pool2d(x, 3, 2, 1, count_include_pad=False) + F.softplus(x[..., ::2, ::2]), (2, 6, 6)),
        (lambda x: F.hardswish(x) + F.hardsigmoid(x) + F.mish(x) + F.selu(x) + F.gelu(x, approximate="tanh"), (40,)),
    ],
)
def test_operations_by_themselves(tmp_path: Path, opened: Opened, function: Any, shape: tuple[int, ...]) -> None:
    class Applied(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            result: Tensor = function(x)
            return result

    module = Applied()
    facts = write(module, shape, tmp_path / "a.html")
    assert facts.relative_error is not None
    assert facts.relative_error <= 1e-6
    assert compare(opened, module, tmp_path / "a.html", shape) <= 1e-5


@pytest.mark.browser
def test_the_script_has_a_function_for_each_and_no_other(opened: Opened) -> None:
    script = compose_script().replace("const page = new Page();", "window.names = Object.keys(OPERATIONS); return;")
    opened.page.evaluate(f"{script}; 0")
    assert set(opened.page.evaluate("window.names")) == RUNTIME
    assert VIEWS <= RUNTIME


def test_what_the_page_lacks_is_one_line_that_names_the_layer(tmp_path: Path) -> None:
    class Eigen(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            values: Tensor = torch.linalg.eigvalsh(x)
            return values

    with pytest.raises(InputError, match=r"^1 \(Eigen\): found `aten\.\w*eigh`, .*Export a graph") as caught:
        write(nn.Sequential(nn.ReLU(), Eigen()), (4, 4), tmp_path / "a.html")
    assert "\n" not in str(caught.value)
