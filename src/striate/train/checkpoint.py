"""Checkpoints: all that a run needs to go on as if nothing had happened.

Each is one safetensors file with its facts and a checksum in the header. It is written beside the others and put in
place at once; the one before is kept, in case the disk damages the last.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import safetensors
import torch
from safetensors import safe_open
from safetensors.torch import save_file
from torch import Tensor

from striate.train.atomic import replacing
from striate.train.folder import as_os_error, unshare

DAMAGE = (safetensors.SafetensorError, OSError, ValueError, KeyError, TypeError)
_KEPT = 2
_PATTERN = "step-*.safetensors"


@dataclass(frozen=True, eq=False)
class Checkpoint:
    """A run after `step` steps: its tensors by name, and the plain facts about it.

    `elapsed`: seconds of the run so far. `history`: the number of history records that belong to it. `meter`: the sums
    of the epoch at hand. `origin`: what must be the same for the run to go on (recipe, data) or to keep its bits.
    `good`: the step of the state that the run goes back to where it breaks down; `watch`: the losses it is judged by;
    `recovery`: what breaking down has changed so far.
    """

    tensors: Mapping[str, Tensor] = field(repr=False)
    step: int
    epoch: int
    elapsed: float
    history: int
    finished: bool = False
    meter: Mapping[str, float] = field(default_factory=dict)
    origin: Mapping[str, Any] = field(default_factory=dict)
    good: int | None = None
    watch: Mapping[str, Any] = field(default_factory=dict)
    recovery: Mapping[str, Any] = field(default_factory=dict)


def save(folder: Path, checkpoint: Checkpoint, kept: Collection[int] = ()) -> Path:
    """Write a checkpoint into `folder`, whole or not at all; it, the one before it and those of `kept` steps stay.

    Cost: about a second per GB for the checksum, and the disk's time.

    Raises:
        RunError: where the disk refuses; the checkpoints that were there are kept.
    """
    tensors = unshare(checkpoint.tensors)
    facts = _encode(checkpoint)
    path = find_path(folder, checkpoint.step)
    with replacing(path) as temporary, as_os_error():
        save_file(tensors, temporary, metadata={"facts": facts, "blake2b": compute_checksum(tensors, facts)})
    _drop_others(folder, path, {find_path(folder, step) for step in kept})
    return path


def find_path(folder: Path, step: int) -> Path:
    """Where the checkpoint of a step stands."""
    return folder / f"step-{step:09d}.safetensors"


def list_steps(folder: Path) -> list[int]:
    """The steps whose checkpoints are there, whole or not, the earliest first."""
    return sorted(int(path.stem.removeprefix("step-")) for path in folder.glob(_PATTERN))


def load_latest(folder: Path) -> tuple[Checkpoint | None, tuple[str, ...]]:
    """The newest checkpoint in `folder` that is whole, and a warning for each damaged one that was passed over."""
    warnings: list[str] = []
    paths = sorted(folder.glob(_PATTERN), reverse=True)
    for path in paths:
        try:
            return load(path), tuple(warnings)
        except DAMAGE as error:
            way = (
                "the run starts again from its beginning" if path == paths[-1] else "the checkpoint before it is taken"
            )
            warnings.append(f"{path}: damaged ({str(error).splitlines()[0] if str(error) else error!r}); {way}.")
    return None, tuple(warnings)


def load(path: Path) -> Checkpoint:
    """Read one checkpoint and verify it.

    Raises:
        ValueError: where the checksum doesn't fit; safetensors and the file system raise their own errors.
    """
    with safe_open(path, framework="pt") as file:
        header = file.metadata() or {}
        tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - not a dict
    if compute_checksum(tensors, header["facts"]) != header["blake2b"]:
        raise ValueError("its checksum doesn't fit its contents")
    return Checkpoint(tensors=tensors, **json.loads(header["facts"]))


def compute_checksum(tensors: Mapping[str, Tensor], facts: str) -> str:
    """BLAKE2b over the facts and each tensor's name, type, shape and bytes, in the names' order.

    Source: RFC 7693.
    """
    digest = hashlib.blake2b(facts.encode(), digest_size=16)
    for name in sorted(tensors):
        value = tensors[name]
        digest.update(f"\n{name} {value.dtype} {list(value.shape)} ".encode())
        digest.update(value.reshape(-1).view(torch.uint8).numpy().data)
    return digest.hexdigest()


def _encode(checkpoint: Checkpoint) -> str:
    facts = asdict(Checkpoint(**{**vars(checkpoint), "tensors": {}}))
    del facts["tensors"]
    return json.dumps(facts)


def _drop_others(folder: Path, newest: Path, kept: Collection[Path]) -> None:
    """Keep `newest`, the one before it, and those that a kept one may go back to; later ones were given up.

    One that can't be removed stays: it does no harm.
    """
    paths = sorted(folder.glob(_PATTERN))
    last = [path for path in paths if path.name <= newest.name][-_KEPT:]
    for path in set(paths) - set(last) - set(kept):
        with suppress(OSError):
            path.unlink(missing_ok=True)
