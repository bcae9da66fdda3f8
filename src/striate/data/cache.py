"""Decoded samples kept on disk: made once under a lock, moved into place whole, checked before use."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import asdict
from functools import partial
from hashlib import blake2b
from pathlib import Path
from typing import Any

import numpy as np

from striate.data.decoded import Allocate, Decoded, in_memory
from striate.data.hashing import hash_samples
from striate.data.part import Inputs, SetAside
from striate.data.pool import Request
from striate.data.store import Entry

RULES = 3  # raise it when the same files would decode to other bytes
SPOT_CHECKS = 16


def cache_home() -> Path | None:
    """Give the cache folder, $STRIATE_CACHE or the user's own; None where nothing can be written there."""
    from platformdirs import user_cache_path

    named = os.environ.get("STRIATE_CACHE")
    home = Path(named) if named else user_cache_path("striate")
    try:
        home.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=home):
            return home
    except OSError:
        return None


def key_of(source: Path, entries: Iterable[Entry], request: Request, form: str = "") -> str:
    """Name the decoded samples of a source: what stays the same for one source and size first, then its listing.

    `form` says what else settles what the files become, such as a view.
    """
    listing = blake2b(digest_size=12)
    for entry in entries:
        listing.update(f"{entry.name}\0{entry.bytes}\0{entry.changed_ns}\0".encode("utf-8", "surrogateescape"))
    fixed = f"{source.resolve()}\0{request.extents}\0{request.channels}\0{RULES}" + (form and f"\0{form}")
    return f"{blake2b(fixed.encode('utf-8', 'surrogateescape'), digest_size=8).hexdigest()}-{listing.hexdigest()}"


def recall_or_decode(key: str, decode: Callable[[Allocate], Decoded]) -> Decoded:
    """Give what the cache holds under `key`, else decode and keep it; in memory where the cache can't be written.

    Two processes at once decode once: the second waits for the first.
    """
    from filelock import FileLock

    home = cache_home()
    if home is None:
        return decode(in_memory)
    folder = home / "decoded" / key
    found = _recall(folder)
    if found is not None:
        return found
    try:
        folder.parent.mkdir(exist_ok=True)
        lock = FileLock(f"{folder.parent / key.split('-')[0]}.lock")
        lock.acquire()
    except (OSError, NotImplementedError):
        return decode(in_memory)
    try:
        return _recall(folder) or _keep(folder, decode)
    finally:
        lock.release()


def _keep(folder: Path, decode: Callable[[Allocate], Decoded]) -> Decoded:
    """Decode into a folder of its own and move it into place; what was there for older files goes."""
    for stale in folder.parent.glob(f"{folder.name.split('-')[0]}-*"):
        shutil.rmtree(stale, ignore_errors=True)
    try:
        making = Path(tempfile.mkdtemp(prefix=f"{folder.name}.", dir=folder.parent))
    except OSError:
        return decode(in_memory)
    try:
        decoded = decode(partial(_reserve, making))
        if not _write(making, decoded):
            return decoded
        del decoded  # no system moves a folder whose files are mapped, but for POSIX
        os.replace(making, folder)
        return _recall(folder) or decode(in_memory)
    except OSError:
        return decode(in_memory)
    finally:
        shutil.rmtree(making, ignore_errors=True)


def _reserve(making: Path, name: str, shape: tuple[int, ...], dtype: type[np.number[Any]] = np.uint8) -> Inputs:
    """Make room for an array in a file; in memory where the disk has none: writing past it would end the process."""
    path = making / f"{name}.npy"
    try:
        size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
        if size == 0 or shutil.disk_usage(path.parent).free < size + (1 << 26):
            return in_memory(name, shape, dtype)
        room: Inputs = np.lib.format.open_memmap(path, mode="w+", dtype=dtype, shape=shape)
        if hasattr(os, "posix_fallocate"):
            with path.open("r+b") as file:
                os.posix_fallocate(file.fileno(), 0, path.stat().st_size)
        return room
    except OSError:
        return in_memory(name, shape, dtype)


def _write(making: Path, decoded: Decoded) -> bool:
    """Write what belongs to the decoded array beside it; False where the array lies in memory or the disk is full."""
    if not isinstance(decoded.inputs, np.memmap) or decoded.inputs.filename is None:
        return False
    try:
        decoded.inputs.flush()
        name = Path(decoded.inputs.filename).name
        for column in ("kept", "hashes", "moments"):
            np.save(making / f"{column}.npy", getattr(decoded, column))
        facts: dict[str, Any] = {"inputs": name, "smallest": decoded.smallest, "largest": decoded.largest}
        facts["about"] = dict(decoded.about)
        facts["set_aside"] = [asdict(aside) for aside in decoded.set_aside]
        (making / "facts.json").write_text(json.dumps(facts), "utf-8")
        for spare in {"decoded.npy", "compact.npy"} - {name}:
            (making / spare).unlink(missing_ok=True)
    except OSError:
        return False
    return True


def _recall(folder: Path) -> Decoded | None:
    """Map a kept array; None where it isn't there, is torn, or doesn't hold what its hashes say."""
    try:
        facts: dict[str, Any] = json.loads((folder / "facts.json").read_text("utf-8"))
        kept, hashes, moments = (
            np.load(folder / f"{c}.npy", allow_pickle=False) for c in ("kept", "hashes", "moments")
        )
        decoded = Decoded(
            inputs=np.load(folder / facts["inputs"], mmap_mode="r", allow_pickle=False),
            kept=kept,
            set_aside=tuple(SetAside(**aside) for aside in facts["set_aside"]),
            smallest=tuple(facts["smallest"]),
            largest=tuple(facts["largest"]),
            hashes=hashes,
            moments=moments,
            about=facts["about"],
        )
    except (OSError, EOFError, ValueError, KeyError, TypeError):
        return None
    return decoded if _is_whole(decoded) else None


def _is_whole(decoded: Decoded) -> bool:
    """Compare the lengths, and the hashes of some samples spread over the whole."""
    count = len(decoded.inputs)
    if not len(decoded.kept) == len(decoded.hashes) == len(decoded.moments) == count or decoded.inputs.ndim < 3:
        return False
    spots = np.unique(np.linspace(0, count - 1, min(count, SPOT_CHECKS)).astype(np.int64))
    return bool((hash_samples(decoded.inputs[spots]) == decoded.hashes[spots]).all())
