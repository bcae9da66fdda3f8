from __future__ import annotations

import subprocess
import sys

import pytest

from striate.engine import keep_large_blocks

# glibc itself says how many blocks it has mapped (mallinfo2's `hblks`), before and after each 64 MiB allocation.
SCRIPT = """
import ctypes, numpy
from striate.engine import keep_large_blocks

class Info(ctypes.Structure):
    _fields_ = [(name, ctypes.c_size_t) for name in "arena ordblks smblks hblks hblkhd a b c d e".split()]

library = ctypes.CDLL(None)
library.malloc.restype, library.malloc.argtypes = ctypes.c_void_p, (ctypes.c_size_t,)
library.mallinfo2.restype = Info

def count_mapped():
    before = library.mallinfo2().hblks
    library.malloc(64 * 2**20)
    return library.mallinfo2().hblks - before

kept = numpy.arange(4_000_000)
plain = count_mapped()
took = keep_large_blocks()
total = sum(int((kept + numpy.ones(4_000_000, dtype=int)).sum()) for _ in range(3))
print(plain, took, count_mapped(), total)
"""


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="glibc only")
def test_large_blocks_stay_in_the_heap_and_nothing_is_harmed() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    if "mallinfo2" in done.stderr:
        pytest.skip("this C library is not glibc 2.33 or newer")
    plain, took, mapped, total = done.stdout.split()
    assert int(plain) == 1  # also: the import changed nothing
    assert (took, int(mapped)) == ("True", 0)
    n = 4_000_000
    assert int(total) == 3 * (n * (n - 1) // 2 + n)


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_systems_are_left_alone(platform: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", platform)
    assert not keep_large_blocks()
