"""How a module runs on this machine: device, precision, memory layout, threads, allocator."""

from striate.engine.allocator import keep_large_blocks
from striate.engine.choice import Engine, cast, place_batch, place_module, use_threads
from striate.engine.probe import probe

__all__ = ["Engine", "cast", "keep_large_blocks", "place_batch", "place_module", "probe", "use_threads"]
