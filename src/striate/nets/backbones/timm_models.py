"""Backbones of timm: `timm:NAME` or `timm:NAME.TAG`, their features pooled over the whole image."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from striate.errors import ShapeError
from striate.nets.backbones.demands import Demands, Trained
from striate.nets.backbones.library import refuse_name

if TYPE_CHECKING:
    from torch import nn

USUAL = (3, 224, 224)  # where timm says nothing


def describe_timm(timm: Any, name: str, weights: bool) -> Demands:
    """What timm's own notes say of a network: its usual input, and its weights' normalisation.

    Raises:  ShapeError for a name or a tag that timm doesn't have.
    """
    notes = _find_notes(timm, name)
    size = tuple(getattr(notes, "input_size", None) or USUAL)
    trained = None
    if weights and notes is not None and notes.has_weights:
        label = f"{notes.architecture}.{notes.tag}" if notes.tag else name
        trained = Trained(f"timm's {label}", tuple(notes.mean), tuple(notes.std))
    return Demands(size, bool(getattr(notes, "fixed_input_size", False)), trained)


def make_timm(timm: Any, name: str, weights: bool, *, pretrained: bool) -> nn.Module:
    """Make a network without its classifier; `pretrained` fetches the weights that the text asks for."""
    module: nn.Module = timm.create_model(name, pretrained=pretrained and weights, num_classes=0)
    return module


def _find_notes(timm: Any, name: str) -> Any:
    """The library's configuration of a name; None for a network that it has none for."""
    architecture, _, tag = name.partition(".")
    if not timm.is_model(architecture):
        raise refuse_name("timm", architecture, timm.list_models())
    try:
        return timm.get_pretrained_cfg(name)
    except RuntimeError:
        known = sorted(timm.list_models(f"{architecture}.*", pretrained=True))
        tags = ", ".join(f"`{other.partition('.')[2]}`" for other in known) or "none"
        found = f"timm has no weights `{tag}` of {architecture}, needed a tag that it has ({tags})"
        raise ShapeError(f"{found}. Change it, or leave it out") from None
