"""Scratch memory: what the CPU library allocates inside one operation, beyond what the operation returns.

A trace sees every tensor that an operation returns. It does not see oneDNN's blocked copies of a convolution's input,
weight and output, column buffers, scratchpads, or copies made because an argument lies badly in memory. The formulas
here were found by listing the profiler's allocations inside single operations (torch 2.13, oneDNN 3.12).
"""

from striate.measure.scratch.catalogue import count_scratch, make_scratch
from striate.measure.scratch.recurrent import count_workspace
from striate.measure.scratch.step import Optimizer, count_step_scratch

__all__ = ["Optimizer", "count_scratch", "count_step_scratch", "count_workspace", "make_scratch"]
