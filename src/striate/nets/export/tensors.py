"""The weights alone as safetensors, with what is known of the network in the header."""

from __future__ import annotations

from pathlib import Path

from safetensors.torch import save_file
from torch import Tensor

from striate.nets.export.exported import Facts
from striate.nets.export.state import gather_state
from striate.nets.export.subject import Subject


def write_tensors(subject: Subject, file: Path) -> Facts:
    """Write the state dict; each name has numbers of its own in the file, tied weights too."""
    save_file(_part(gather_state(subject.module)), file, metadata={"format": "pt", **subject.metadata})
    return Facts()


def _part(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The format knows no shared tensors."""
    seen: set[int] = set()
    parted = {}
    for key, value in state.items():
        place = value.untyped_storage().data_ptr()
        parted[key] = value.clone() if place in seen else value
        seen.add(place)
    return parted
