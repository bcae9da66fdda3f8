"""The judge of predicted memory: the running total of what torch's profiler saw allocated and freed."""

from collections.abc import Callable
from typing import Any

from torch.profiler import ProfilerActivity, profile


def list_allocations(function: Callable[[], Any]) -> list[int]:
    """Bytes of each allocation (positive) and release (negative) on the CPU while a function runs, in order.

    The release of a block that was allocated before is not seen, as the profiler doesn't know its size. What the
    function returns is kept until the last event is in.
    """
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as profiler:
        kept = function()
    results = profiler.profiler.kineto_results
    events = [(event.start_ns(), event.nbytes()) for event in results.events() if event.name() == "[memory]"]
    del kept
    return [size for _, size in sorted(events, key=lambda event: event[0])]


def measure_peak(function: Callable[[], Any]) -> int:
    """The most bytes allocated at one time while a function runs, above what was allocated at its start."""
    peak = total = 0
    for size in list_allocations(function):
        total += size
        peak = max(peak, total)
    return peak


def measure_peak_warm(function: Callable[[], Any]) -> int:
    """The same of a second run: the first one also fills caches."""
    function()
    return measure_peak(function)
