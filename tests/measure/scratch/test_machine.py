from pathlib import Path

import pytest

from striate.measure.scratch.machine import read_cache

SIZE = Path("/sys/devices/system/cpu/cpu0/cache/index2/size")


@pytest.mark.skipif(not SIZE.exists(), reason="the system doesn't tell its caches")
def test_the_cache_is_the_one_that_the_system_tells() -> None:
    assert read_cache() == int(SIZE.read_text().strip().removesuffix("K")) * 1024
