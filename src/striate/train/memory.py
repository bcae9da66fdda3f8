"""How much memory is free: for the machine, for the group that the process is in, for the process, on the device."""

from __future__ import annotations

import ctypes
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import torch

_GROUPS = Path("/sys/fs/cgroup")
_COLUMNS = (
    *("arena", "ordblks", "smblks", "hblks", "hblkhd"),
    *("usmblks", "fsmblks", "uordblks", "fordblks", "keepcost"),
)


def read_free_bytes(device: str = "cpu") -> int | None:
    """Bytes that can still be had, by the tightest of all limits; None where this system doesn't tell.

    Blocks that the allocator keeps for reuse count as free.
    """
    if torch.device(device).type == "cuda":
        free, _ = torch.cuda.mem_get_info(device)
        return int(free + torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device))
    found = [*_read_machine(), *_read_groups(), *_read_limits()]
    return max(0, min(found)) + count_kept_bytes() if found else None


def count_kept_bytes() -> int:
    """Bytes that glibc's allocator holds but nobody uses; 0 with other C libraries."""
    if not sys.platform.startswith("linux"):
        return 0
    try:
        mallinfo = ctypes.CDLL(None).mallinfo2
    except (OSError, AttributeError):
        return 0
    mallinfo.restype = _Mallinfo
    return int(mallinfo().fordblks)


class _Mallinfo(ctypes.Structure):
    """glibc's `struct mallinfo2` (malloc.h)."""

    _fields_ = tuple((name, ctypes.c_size_t) for name in _COLUMNS)


def _read_machine() -> Iterator[int]:
    found = re.search(r"^MemAvailable:\s+(\d+) kB$", _read("/proc/meminfo"), re.MULTILINE)
    if found:
        yield 1024 * int(found[1])


def _read_groups(root: Path = _GROUPS, own: str | None = None) -> Iterator[int]:
    """What the control groups leave, from the process's own up to the root; files of versions 1 and 2.

    Pages of files that the kernel can drop at any time count as free.

    Source: the Linux kernel's Documentation/admin-guide/cgroup-v2.rst ("Memory") and cgroup-v1/memory.rst.
    """
    for line in (_read("/proc/self/cgroup") if own is None else own).splitlines():
        number, controllers, path = line.split(":", 2)
        if number != "0" and "memory" not in controllers.split(","):
            continue
        top = root if number == "0" else root / "memory"
        most, used, files = _SECOND_VERSION if number == "0" else _FIRST_VERSION
        folder = top / path.lstrip("/")
        for each in (folder, *folder.parents):
            if not each.is_relative_to(top):
                break
            limit, taken = _read(each / most).strip(), _read(each / used).strip()
            if limit.isdigit() and taken.isdigit():
                droppable = re.search(rf"^{files} (\d+)$", _read(each / "memory.stat"), re.MULTILINE)
                yield int(limit) - int(taken) + (int(droppable[1]) if droppable else 0)


_FIRST_VERSION = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")
_SECOND_VERSION = ("memory.max", "memory.current", "inactive_file")


def _read_limits() -> Iterator[int]:
    """What the process's own limits on address space and data leave."""
    if sys.platform == "win32":
        return
    import resource

    status = _read("/proc/self/status")
    for limit, name in ((resource.RLIMIT_AS, "VmSize"), (resource.RLIMIT_DATA, "VmData")):
        most = resource.getrlimit(limit)[0]
        taken = re.search(rf"^{name}:\s+(\d+) kB$", status, re.MULTILINE)
        if most != resource.RLIM_INFINITY and taken:
            yield most - 1024 * int(taken[1])


def _read(path: str | Path) -> str:
    try:
        return Path(path).read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
