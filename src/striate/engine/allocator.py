"""One setting of glibc's allocator that decides how fast large activations are had.

By default glibc maps each large block from the kernel and hands it back at once, so that every activation of every
step is page-faulted anew. Keeping such blocks in the heap gives the same numbers, up to twice as fast, for more
resident memory.
"""

from __future__ import annotations

import ctypes
import sys

# The numbers of mallopt's parameters are part of glibc's interface (malloc.h).
_TRIM_THRESHOLD, _TOP_PAD, _MMAP_MAX = -1, -2, -4
_TOP_PAD_BYTES = 64 * 2**20


def keep_large_blocks() -> bool:
    """Tell glibc to keep freed large blocks for the next step; true where that took effect, false on other C libraries.

    It holds for the whole process and can't be undone, so a program calls it for itself; no import does. No mapping and
    no trimming belong together: either alone is slower than neither, since any such call also turns off glibc's own
    adaptive threshold.

    Source: the GNU C Library manual, "Malloc Tunable Parameters"; man 3 mallopt.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        library = ctypes.CDLL(None)
        library.gnu_get_libc_version  # noqa: B018 - musl and others lack it
        mallopt = library.mallopt
    except (OSError, AttributeError):
        return False
    mallopt.argtypes, mallopt.restype = (ctypes.c_int, ctypes.c_int), ctypes.c_int
    settings = ((_MMAP_MAX, 0), (_TRIM_THRESHOLD, -1), (_TOP_PAD, _TOP_PAD_BYTES))
    results = [mallopt(parameter, value) for parameter, value in settings]
    return all(result == 1 for result in results)
