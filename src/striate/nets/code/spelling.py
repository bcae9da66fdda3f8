"""One layer as the expression that makes it: torch's own class, padded or cropped beside it, or a small class of ours.

What torch has no words for (a table of connections, weights of each place's own) is built by Striate from its text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from torch import nn

from striate.layers import (
    CellEmbedding,
    ChannelNorm,
    ChannelScale,
    Crop,
    FixedScale,
    KMaxPool,
    Maxout,
    ResponseNorm,
)
from striate.layers.convolutions import CROPPED, ORDINARY, ORDINARY_TRANSPOSED, PADDED
from striate.nets.code.parts import PARTS

_POOLS = (nn.MaxPool1d, nn.MaxPool2d, nn.MaxPool3d, nn.AvgPool1d, nn.AvgPool2d, nn.AvgPool3d)
_GLOBAL = (
    *(nn.AdaptiveAvgPool1d, nn.AdaptiveAvgPool2d, nn.AdaptiveAvgPool3d),
    *(nn.AdaptiveMaxPool1d, nn.AdaptiveMaxPool2d, nn.AdaptiveMaxPool3d),
)
_NORMS = (nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d)
_BARE = (nn.ReLU, nn.ReLU6, nn.SiLU, nn.Tanh, nn.Sigmoid, nn.Identity, nn.GELU, nn.Flatten)
_PADS = {"zeros": "ConstantPad", "reflect": "ReflectionPad", "replicate": "ReplicationPad", "circular": "CircularPad"}


@dataclass(frozen=True)
class Spelled:
    """An expression, and the names of the small classes that it needs."""

    text: str
    parts: tuple[str, ...] = ()


def spell(module: nn.Module) -> Spelled | None:
    """Write what makes this module; None where torch's words don't reach.

    >>> spell(nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)).text
    'nn.Conv2d(3, 64, 7, stride=2, padding=3, bias=False)'
    """
    kind = type(module)
    if kind in _BARE:
        return Spelled(f"nn.{kind.__name__}()")
    if kind in ORDINARY:
        return Spelled(_spell_convolution(module))
    if kind in PADDED:
        inner = _spell_convolution(module).replace(f"nn.{kind.__name__}", f"nn.{kind.__name__.removeprefix('Padded')}")
        mode = str(module.padding_mode)
        return _pad(inner.replace(f", padding_mode={mode!r}", ""), module.pads, mode, module.fill)  # type: ignore[arg-type]
    if kind in ORDINARY_TRANSPOSED:
        return Spelled(_spell_transposed(module))
    if kind in CROPPED:
        return _crop(module)
    if kind in _POOLS:
        return Spelled(_spell_pool(module))
    for known, write in _OTHERS.items():
        if kind is known:
            return write(module)
    return None


def _call(name: str, *given: Any, **options: tuple[Any, Any]) -> str:
    """A call; an option (value, default) is left out where it says what holds anyway."""
    written = [str(_shorten(value)) for value in given]
    for key, (value, default) in options.items():
        if _shorten(value) != default:
            written.append(f"{key}={_shorten(value)!r}")
    return f"{name}({', '.join(written)})"


def _shorten(value: Any) -> Any:
    """One number in place of equal ones."""
    if isinstance(value, tuple | list):
        return value[0] if len(set(value)) == 1 else tuple(value)
    return value


def _spell_convolution(module: Any) -> str:
    return _call(
        f"nn.{type(module).__name__}",
        *(module.in_channels, module.out_channels, module.kernel_size),
        stride=(module.stride, 1),
        padding=(module.padding, 0),
        dilation=(module.dilation, 1),
        groups=(module.groups, 1),
        bias=(module.bias is not None, True),
        padding_mode=(module.padding_mode, "zeros"),
    )


def _spell_transposed(module: Any) -> str:
    return _call(
        f"nn.{type(module).__name__.removeprefix('Cropped')}",
        *(module.in_channels, module.out_channels, module.kernel_size),
        stride=(module.stride, 1),
        padding=(module.padding, 0),
        output_padding=(module.output_padding, 0),
        dilation=(module.dilation, 1),
        groups=(module.groups, 1),
        bias=(module.bias is not None, True),
    )


def _crop(module: Any) -> Spelled | None:
    """Cut after the bias: the same, unless cells are added, which torch's bias wouldn't reach."""
    if any(cells < 0 for pair in module.crops for cells in pair):
        return None
    cells = tuple((-before, -after) for before, after in module.crops)
    return Spelled(f"nn.Sequential({_spell_transposed(module)}, {_write_pad(cells, 'zeros', 0.0)})")


def _pad(inner: str, pads: Sequence[tuple[int, int]], mode: str, fill: float) -> Spelled:
    return Spelled(f"nn.Sequential({_write_pad(pads, mode, fill)}, {inner})")


def _write_pad(pads: Sequence[tuple[int, int]], mode: str, fill: float) -> str:
    """Torch's padding layers count from the last axis."""
    cells = tuple(cell for pair in reversed(pads) for cell in pair)
    value = f", {fill}" if mode == "zeros" else ""
    return f"nn.{_PADS[mode]}{len(pads)}d({cells}{value})"


def _spell_pool(module: Any) -> str:
    options = {"padding": (module.padding, 0), "ceil_mode": (module.ceil_mode, False)}
    if hasattr(module, "dilation"):
        options["dilation"] = (module.dilation, 1)
    else:
        options["count_include_pad"] = (module.count_include_pad, True)
    stride = (module.stride, _shorten(module.kernel_size))
    return _call(f"nn.{type(module).__name__}", module.kernel_size, stride=stride, **options)


def _spell_batch_norm(module: Any) -> Spelled:
    options = {"eps": (module.eps, 1e-5), "momentum": (module.momentum, 0.1)}
    return Spelled(_call(f"nn.{type(module).__name__}", module.num_features, **options))


def _spell_upsample(module: Any) -> Spelled:
    text = _call("nn.Upsample", scale_factor=(module.scale_factor, None), mode=(module.mode, "nearest"))
    return Spelled(text)


def _own(name: str, *attributes: str) -> Callable[[Any], Spelled]:
    """What makes one of the small classes, with these attributes of the module."""
    assert name in PARTS
    return lambda module: Spelled(_call(name, *(getattr(module, each) for each in attributes)), (name,))


def _spell_scale(module: Any) -> Spelled:
    text = _call("Scale", module.weight.shape[0], initial=(module.initial, 1.0), bias=(module.bias is not None, True))
    return Spelled(text, ("Scale",))


_OTHERS: dict[type[nn.Module], Callable[[Any], Spelled | None]] = {
    **dict.fromkeys(_NORMS, _spell_batch_norm),
    **{kind: (lambda module: Spelled(f"nn.{type(module).__name__}({module.output_size})")) for kind in _GLOBAL},
    nn.Linear: lambda module: Spelled(
        _call("nn.Linear", module.in_features, module.out_features, bias=(module.bias is not None, True))
    ),
    nn.GroupNorm: lambda module: Spelled(
        _call("nn.GroupNorm", module.num_groups, module.num_channels, eps=(module.eps, 1e-5))
    ),
    nn.Softmax: lambda module: Spelled(f"nn.Softmax(dim={module.dim})"),
    nn.Dropout: lambda module: Spelled(_call("nn.Dropout", p=(module.p, 0.5))),
    nn.Upsample: _spell_upsample,
    nn.PixelShuffle: lambda module: Spelled(f"nn.PixelShuffle({module.upscale_factor})"),
    nn.ChannelShuffle: lambda module: Spelled(f"nn.ChannelShuffle({module.groups})"),
    ResponseNorm: lambda module: Spelled(
        _call(
            "nn.LocalResponseNorm",
            module.size,
            alpha=(module.alpha, 1e-4),
            beta=(module.beta, 0.75),
            k=(module.k, 1.0),
        )
    ),
    Crop: lambda module: Spelled(_write_pad([(-before, -after) for before, after in module.cells], "zeros", 0.0)),
    ChannelNorm: _own("ChannelNorm", "channels", "eps"),
    ChannelScale: _spell_scale,
    FixedScale: _own("Multiply", "factor"),
    Maxout: _own("Maxout", "pieces"),
    KMaxPool: _own("KMaxPool", "k"),
    CellEmbedding: _own("CellEmbedding", "num_embeddings", "embedding_dim"),
}
