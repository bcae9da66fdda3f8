"""What was written, as plain values: the file, its format, and how far its outputs are from the module's."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

Ports: TypeAlias = "dict[str, tuple[int | str, ...]]"
TOLERANCE = 1e-4


@dataclass(frozen=True)
class Facts:
    """What a format says of the file that it wrote.

    `inputs` and `outputs` are shapes by name, "N" for the batch; a file of weights alone has none. `relative_error` is
    None where nothing was compared; `note` then says why.
    """

    inputs: Ports = field(default_factory=dict)
    outputs: Ports = field(default_factory=dict)
    opset: int | None = None
    relative_error: float | None = None
    note: str = ""


@dataclass(frozen=True)
class Exported(Facts):
    """A file that was written; `bytes` counts `files`, which are several where ONNX keeps the weights beside `path`.

    `relative_error`: the largest difference between the file's outputs and the module's, at batches 1 and 3, over the
    largest of the module's outputs.
    """

    path: Path = field(kw_only=True)
    format: str = field(kw_only=True)
    bytes: int = field(kw_only=True)
    parameters: int = field(kw_only=True)
    files: tuple[Path, ...] = field(kw_only=True)

    @property
    def agrees(self) -> bool | None:
        """Whether the outputs are the module's up to rounding; None where nothing was compared."""
        return None if self.relative_error is None else self.relative_error <= TOLERANCE

    def to_dict(self) -> dict[str, Any]:
        """Everything as plain values for JSON."""
        return {
            "path": str(self.path),
            "format": self.format,
            "bytes": self.bytes,
            "files": [str(file) for file in self.files],
            "parameters": self.parameters,
            "opset": self.opset,
            "inputs": {name: list(shape) for name, shape in self.inputs.items()},
            "outputs": {name: list(shape) for name, shape in self.outputs.items()},
            "relative_error": self.relative_error,
            "agrees": self.agrees,
            "note": self.note,
        }
