"""How a module runs on this machine: device, precision, memory layout, threads, compiled or not, allocator."""

from striate.engine.allocator import keep_large_blocks
from striate.engine.candidates import Pins
from striate.engine.choice import Engine, cast, place_batch, place_module, use_threads
from striate.engine.compiling import can_compile, make_forward
from striate.engine.folding import fold_norms
from striate.engine.preparing import find_ready, is_ready, prepare
from striate.engine.probe import probe
from striate.engine.tuning import Tuned, settle_plain, tune

__all__ = [
    "Engine",
    "Pins",
    "Tuned",
    "can_compile",
    "cast",
    "find_ready",
    "fold_norms",
    "is_ready",
    "keep_large_blocks",
    "make_forward",
    "place_batch",
    "place_module",
    "prepare",
    "probe",
    "settle_plain",
    "tune",
    "use_threads",
]
