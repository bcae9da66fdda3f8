from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from striate.train import memory
from striate.train.memory import count_kept_bytes, read_free_bytes

LINUX = pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads Linux's own files")


def write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


@LINUX
def test_no_more_is_free_than_the_machine_has() -> None:
    free = read_free_bytes()
    total = next(int(line.split()[1]) for line in Path("/proc/meminfo").read_text().splitlines() if "MemTotal" in line)
    assert free is not None
    assert 0 < free <= 1024 * total + count_kept_bytes()


@LINUX
@pytest.mark.parametrize("limit", ["RLIMIT_AS", "RLIMIT_DATA"])
def test_the_process_own_limits_count(limit: str) -> None:
    script = f"""
import resource, re
from striate.train.memory import read_free_bytes
name = {{"RLIMIT_AS": "VmSize", "RLIMIT_DATA": "VmData"}}["{limit}"]
taken = 1024 * int(re.search(name + r":\\s+(\\d+)", open("/proc/self/status").read())[1])
resource.setrlimit(resource.{limit}, (taken + 2**28, -1))
free = read_free_bytes()
assert 2**27 < free < 2**28 + 2**26, free
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("limits", "own", "left"),
    [
        ({"a/b": (500, 100)}, "0::/a/b", [400]),
        ({"a/b": ("max", 100), "a": (700, 300)}, "0::/a/b", [400]),
        ({"a/b": (900, 100), "a": (700, 300), ".": (650, 600)}, "0::/a/b\n", [800, 400, 50]),
        ({"a/b": (900, 100)}, "0::/", []),
        ({"c": (900, 100)}, "0::/a/b", []),
    ],
)
def test_the_groups_above_count_too(
    tmp_path: Path, limits: dict[str, tuple[object, int]], own: str, left: list[int]
) -> None:
    for name, (most, used) in limits.items():
        write(tmp_path / name / "memory.max", f"{most}\n")
        write(tmp_path / name / "memory.current", f"{used}\n")
    assert list(memory._read_groups(tmp_path, own)) == left


def test_the_first_version_of_groups_is_read_and_cached_files_count_as_free(tmp_path: Path) -> None:
    write(tmp_path / "memory/x/memory.limit_in_bytes", "1000\n")
    write(tmp_path / "memory/x/memory.usage_in_bytes", "800\n")
    write(tmp_path / "memory/x/memory.stat", "cache 9\ninactive_file 5\ntotal_inactive_file 300\n")
    own = "5:cpu,cpuacct:/y\n4:memory:/x\n0::/\n"
    assert list(memory._read_groups(tmp_path, own)) == [500]


@LINUX
def test_blocks_that_the_allocator_keeps_count_as_free() -> None:
    script = """
import ctypes
from striate.engine import keep_large_blocks
from striate.train.memory import count_kept_bytes
keep_large_blocks()
malloc, free = ctypes.CDLL(None).malloc, ctypes.CDLL(None).free
malloc.restype, malloc.argtypes, free.argtypes = ctypes.c_void_p, [ctypes.c_size_t], [ctypes.c_void_p]
before = count_kept_bytes()
block = malloc(2**28)
held = count_kept_bytes()
free(block)
kept = count_kept_bytes()
assert kept - held >= 2**28 - 2**16, (before, held, kept)
"""
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
