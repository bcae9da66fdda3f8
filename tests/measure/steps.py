"""What a pass and a step of training really take: the bytes that lie there, and what the profiler saw on top."""

from collections.abc import Callable, Iterable

import torch
import torch.nn.functional as F
from tests.measure.allocator import measure_peak
from torch import Tensor, nn

from striate.measure.scratch import Optimizer

OPTIMIZERS: dict[Optimizer, Callable[[Iterable[nn.Parameter]], torch.optim.Optimizer]] = {
    "sgd": lambda parameters: torch.optim.SGD(parameters, lr=0.001),
    "momentum": lambda parameters: torch.optim.SGD(parameters, lr=0.001, momentum=0.9),
    "adam": lambda parameters: torch.optim.Adam(parameters),
    "adamw": lambda parameters: torch.optim.AdamW(parameters),
}


def count_bytes(tensors: Iterable[Tensor]) -> int:
    """Bytes of the memory that tensors lie in, shared memory once."""
    storages = {tensor.untyped_storage().data_ptr(): tensor.untyped_storage().nbytes() for tensor in tensors}
    return sum(storages.values())


def measure_pass(module: nn.Module, images: Tensor, *, half: bool = False) -> int:
    """The peak of a pass in eval mode, the second one: the first fills caches."""
    module.eval()

    def run() -> Tensor:
        with torch.no_grad(), torch.autocast("cpu", torch.bfloat16, enabled=half):
            result: Tensor = module(images)
            return result

    run()
    return count_bytes([*module.parameters(), *module.buffers(), images]) + measure_peak(run)


def measure_step(module: nn.Module, images: Tensor, name: Optimizer, *, half: bool = False) -> int:
    """The peak of a step of training, the third one: the optimiser's state is there."""
    module.train()
    parameters = [parameter for parameter in module.parameters() if parameter.requires_grad]
    optimizer = OPTIMIZERS[name](parameters)
    with torch.no_grad():
        shape = module(images).shape
    target = torch.zeros((shape[0], *shape[2:]), dtype=torch.int64)

    def step() -> tuple[Tensor, Tensor]:
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            result = module(images)
            loss = F.cross_entropy(result.float(), target)
        torch.autograd.backward(loss)
        optimizer.step()
        return result, loss

    for _ in range(2):
        step()
        optimizer.zero_grad()
    state = [value for values in optimizer.state.values() for value in values.values() if isinstance(value, Tensor)]
    static = count_bytes([*module.parameters(), *module.buffers(), images, target, *state])
    return static + measure_peak(step)
