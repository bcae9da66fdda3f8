"""The judge of scratch memory: operations that run for real, and what the profiler saw them allocate."""

import contextlib
import ctypes
import re
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
import torch
from tests.measure.allocator import measure_peak

from striate.measure.operation import Operation, Value
from striate.measure.scratch import count_scratch
from striate.measure.scratch.machine import Machine, read_cache
from striate.measure.scratch.sizes import Convolution

aten = torch.ops.aten
CAPABILITY = torch.backends.cpu.get_cpu_capability()
needs_vectors = pytest.mark.skipif(not CAPABILITY.startswith("AVX"), reason="the formulas are those of AVX2 and AVX512")


def convert(argument: Any) -> Any:
    """Tensors become values, also inside lists."""
    if isinstance(argument, torch.Tensor):
        name = str(argument.dtype).removeprefix("torch.")
        return Value(tuple(argument.shape), argument.stride(), name, argument.element_size(), 0)
    if isinstance(argument, list | tuple):
        return type(argument)(convert(entry) for entry in argument)
    return argument


def record(function: Callable[..., Any], arguments: Sequence[Any], result: Any) -> Operation:
    outputs = convert(result if isinstance(result, tuple) else (result,))
    found = tuple(value for value in outputs if isinstance(value, Value))
    return Operation(0, str(function), convert(tuple(arguments)), {}, found, "", 0)


def predict(operation: Operation) -> int:
    return count_scratch(operation, torch.get_num_threads(), CAPABILITY, read_cache())


def compare(function: Callable[..., Any], *arguments: Any) -> Any:
    """Run an operation, check its measured scratch against the predicted, and return what it returns."""
    function(*arguments)  # the first run also compiles the library's kernels
    result = function(*arguments)
    operation = record(function, arguments, result)
    total = sum(value.bytes for value in operation.outputs)
    seen = measure_peak(lambda: function(*arguments))
    assert total + predict(operation) == pytest.approx(seen, rel=0.02, abs=128)
    return result


def make_machine() -> Machine:
    return Machine(torch.get_num_threads(), 16 if CAPABILITY.startswith("AVX512") else 8, read_cache())


@contextlib.contextmanager
def use_threads(count: int) -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def make_convolution(
    channels: tuple[int, int],
    extent: int,
    kernel: int,
    stride: int,
    machine: Machine,
    *,
    batch: int = 2,
    groups: int = 1,
    bias: bool = True,
) -> Convolution:
    """A 2-D convolution's sizes, without padding."""
    target = (extent - kernel) // stride + 1
    return Convolution(
        batch,
        groups,
        channels,
        source=(extent, extent),
        target=(target, target),
        kernel=(kernel, kernel),
        stride=(stride, stride),
        padding=(0, 0),
        dilation=(1, 1),
        transposed=False,
        bias=bias,
        item_bytes=4,
        channels_last=False,
        machine=machine,
    )


def draw_convolution(
    sizes: tuple[int, int, int, int],
    *,
    extent: int = 16,
    stride: int = 1,
    padding: int | None = None,
    dilation: int = 1,
    groups: int = 1,
    bias: bool = True,
    dims: int = 2,
    transposed: bool = False,
    last: bool = False,
) -> tuple[Any, ...]:
    """The arguments of aten.convolution; `sizes` are batch, channels in and out, and kernel."""
    batch, inner, outer, kernel = sizes
    images = torch.randn(batch, inner, *[extent] * dims)
    shape = (inner, outer // groups) if transposed else (outer, inner // groups)
    weight = torch.randn(*shape, *[kernel] * dims)
    if last:
        images, weight = (tensor.to(memory_format=torch.channels_last) for tensor in (images, weight))
    rest = [[value] * dims for value in (stride, kernel // 2 if padding is None else padding, dilation)]
    return images, weight, torch.randn(outer) if bias else None, *rest, transposed, [0] * dims, groups


def compare_convolution(arguments: Sequence[Any], *, frozen: bool = False) -> None:
    """A convolution forward and backward, also without the input's gradient."""
    images, weight, bias, *rest = arguments
    output = compare(aten.convolution.default, *arguments)
    sizes = None if bias is None else [len(bias)]
    for wants_input in (True, False)[: 1 + frozen]:
        mask = [wants_input, True, bias is not None]
        compare(aten.convolution_backward.default, torch.randn_like(output), images, weight, sizes, *rest, mask)


def list_kernels(function: Callable[[], Any], capture: pytest.CaptureFixture[str]) -> dict[str, tuple[str, str]]:
    """What oneDNN says that it ran: for each kind of product the kernel's name and the tensors' layouts."""
    with torch.backends.mkldnn.verbose(torch.backends.mkldnn.VERBOSE_ON):  # type: ignore[no-untyped-call]
        function()
    ctypes.CDLL(None).fflush(None)
    lines = re.findall(r"exec,cpu,convolution,(.*?),(.*?),(.*?),", capture.readouterr().out)
    return {product: (kernel, layouts) for kernel, product, layouts in lines}
