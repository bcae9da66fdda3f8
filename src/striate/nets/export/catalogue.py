"""Every format by its file's suffix."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from striate.errors import InputError
from striate.nets.export.exported import Facts
from striate.nets.export.onnx_graph import write_onnx
from striate.nets.export.page.writing import write_page
from striate.nets.export.program import write_program
from striate.nets.export.state import write_state
from striate.nets.export.subject import Subject
from striate.nets.export.tensors import write_tensors


@dataclass(frozen=True)
class Format:
    """A format's name, how it is written, and whether it holds the graph beside the weights.

    A page prepares its inputs itself, and may hold its weights in 16 bits.
    """

    name: str
    write: Callable[[Subject, Path], Facts]
    has_graph: bool
    is_page: bool = False


FORMATS = {
    ".onnx": Format("ONNX", write_onnx, has_graph=True),
    ".pt2": Format("PyTorch program", write_program, has_graph=True),
    ".html": Format("web page", write_page, has_graph=True, is_page=True),
    ".safetensors": Format("safetensors", write_tensors, has_graph=False),
    ".pt": Format("PyTorch state dict", write_state, has_graph=False),
    ".pth": Format("PyTorch state dict", write_state, has_graph=False),
}


def find_format(path: Path) -> Format:
    """Find the format of a file by its suffix.

    Raises:  InputError for another suffix.

    >>> find_format(Path("photos.onnx")).name
    'ONNX'
    """
    found = FORMATS.get(path.suffix.lower())
    if found is None:
        suffix = f"the suffix `{path.suffix}`" if path.suffix else "no suffix"
        raise InputError(f"{path}: found {suffix}, needed one of {', '.join(FORMATS)}. Rename the file")
    return found
