"""Predicted memory against what torch's profiler saw allocated, in real passes and real steps."""

from dataclasses import astuple

import pytest
import torch
from tests.measure.networks import NETWORKS, Recurrent
from tests.measure.scratch.support import needs_vectors
from tests.measure.steps import OPTIMIZERS, count_bytes, measure_pass, measure_step
from torch import Tensor, nn
from torch.utils.checkpoint import checkpoint

from striate.measure.fit import predict_peak
from striate.measure.measurement import measure
from striate.measure.memory import STEP, estimate_inference, estimate_training
from striate.measure.scratch import Optimizer, make_scratch
from striate.measure.trace import trace
from striate.nets import find_net
from striate.nets.build import make_module


def compare(module: nn.Module, images: Tensor, *optimizers: Optimizer, static: int = 0) -> None:
    """A pass, and a step of each optimiser; `static` is what lies there besides parameters, buffers and input."""
    memory = predict_peak(module, images, len(images), training=False)
    assert memory.peak == pytest.approx(measure_pass(module, images) + static, rel=0.02)
    for name in optimizers:
        memory = predict_peak(module, images, len(images), optimizer=name)
        assert memory.peak == pytest.approx(measure_step(module, images, name) + static, rel=0.02), name


@needs_vectors
@pytest.mark.parametrize("batch", [2, 8])
@pytest.mark.parametrize("name", NETWORKS)
def test_peak_within_two_percent(name: str, batch: int) -> None:
    make, shape = NETWORKS[name]
    compare(make(), torch.randn(batch, *shape), "momentum", "adam")


@needs_vectors
def test_every_optimiser_has_its_state() -> None:
    make, shape = NETWORKS["lenet5"]
    compare(make(), torch.randn(4, *shape), *OPTIMIZERS)


@needs_vectors
def test_memory_with_channels_last() -> None:
    make, shape = NETWORKS["mobile"]
    images = torch.randn(4, *shape).to(memory_format=torch.channels_last)
    compare(make().to(memory_format=torch.channels_last), images, "momentum")  # type: ignore[call-overload]


@needs_vectors
def test_memory_in_double_precision() -> None:
    make, shape = NETWORKS["sound"]
    compare(make().double(), torch.randn(4, *shape).double(), "adam")


@needs_vectors
def test_mixed_precision_keeps_the_casts_of_weights() -> None:
    """The weights stay in fp32; their casts live until the forward pass ends, or for the backward pass."""
    make, shape = NETWORKS["resnet18"]
    module, images = make(), torch.randn(4, *shape)
    memory = predict_peak(module, shape, 4, precision="bf16")
    assert memory.peak == pytest.approx(measure_step(module, images, "momentum", half=True), rel=0.02)
    assert memory.parameters == count_bytes(module.parameters())
    memory = predict_peak(module, shape, 4, precision="bf16", training=False)
    assert memory.peak == pytest.approx(measure_pass(module, images, half=True), rel=0.02)


@needs_vectors
def test_a_frozen_parameter_has_neither_gradient_nor_state() -> None:
    make, shape = NETWORKS["resnet18"]
    module = make()
    for parameter in list(module.parameters())[:-2]:
        parameter.requires_grad_(False)
    compare(module, torch.randn(4, *shape), "sgd", "adam")
    trained = sum(parameter.nbytes for parameter in module.parameters() if parameter.requires_grad)
    memory = predict_peak(module, shape, 4, optimizer="adam")
    assert memory.optimizer == 2 * trained + 2 * 4
    assert memory.gradients <= trained


class Odd(nn.Module):
    """Tied weights, a layer that is never called, counts for a buffer, and a tensor that isn't registered."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(64, 64), nn.Linear(64, 64), nn.Linear(64, 10)])
        self.layers[1].weight = self.layers[0].weight
        self.unused, self.table = nn.Linear(300, 300), torch.randn(200, 64)
        self.register_buffer("counts", torch.zeros(4000, dtype=torch.int64))

    def forward(self, x: Tensor) -> Tensor:
        x = torch.relu(self.layers[0](x)) + self.table[: len(x)]
        result: Tensor = self.layers[2](self.layers[1](x))
        return result


@needs_vectors
def test_shared_unused_and_unregistered_tensors_count_as_they_lie() -> None:
    module, images = Odd(), torch.randn(8, 64)
    compare(module, images, *OPTIMIZERS, static=module.table.nbytes)
    made = trace(module, (64,), 8, mode="train", backward=True)
    used = sum(parameter.nbytes for parameter in module.layers.parameters())
    assert estimate_training(made, "adam").optimizer == 2 * used + 4 * 5
    assert estimate_training(made).buffers == 8 * 4000 + module.table.nbytes


class Bytes(nn.Module):
    """Takes images of bytes."""

    def __init__(self) -> None:
        super().__init__()
        self.layer = nn.Conv2d(3, 8, 3)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.layer(x.float() / 255).mean((2, 3))
        return result


class Words(nn.Module):
    """Takes numbers of words; two recurrent layers."""

    def __init__(self) -> None:
        super().__init__()
        self.table, self.recurrent, self.head = nn.Embedding(1000, 64), nn.LSTM(64, 64, 2), nn.Linear(64, 10)

    def forward(self, x: Tensor) -> Tensor:
        result: Tensor = self.head(self.recurrent(self.table(x).transpose(0, 1))[0][-1])
        return result


@needs_vectors
def test_an_input_of_whole_numbers_keeps_its_type() -> None:
    compare(Bytes(), torch.zeros(4, 3, 32, 32, dtype=torch.uint8), "momentum")
    compare(Words(), torch.zeros(4, 20, dtype=torch.int64), "momentum")


class Repeating(nn.Module):
    """Runs its halves again in the backward pass, instead of keeping what they made."""

    def __init__(self) -> None:
        super().__init__()
        first, second = ([nn.Conv2d(inner, 32, 3, padding=1), nn.ReLU()] for inner in (3, 32))
        self.halves = nn.ModuleList([nn.Sequential(*first), nn.Sequential(*second)])
        self.head = nn.Linear(32, 10)

    def forward(self, x: Tensor) -> Tensor:
        for half in self.halves:
            x = checkpoint(half, x, use_reentrant=False)
        result: Tensor = self.head(x.mean((2, 3)))
        return result


@needs_vectors
def test_what_is_run_twice_instead_of_kept() -> None:
    compare(Repeating(), torch.randn(4, 3, 32, 32), "momentum")


@needs_vectors
def test_whole_transformer_layers() -> None:
    """In eval mode torch runs each as one operation."""
    layer = nn.TransformerEncoderLayer(96, 4, 256, dropout=0.0, batch_first=True)
    layers = nn.TransformerEncoder(layer, 2, enable_nested_tensor=False)
    compare(nn.Sequential(layers, nn.Flatten(), nn.Linear(64 * 96, 10)), torch.randn(4, 64, 96), "momentum")


def test_what_resnet50_keeps_for_its_backward_pass() -> None:
    """A real step of batch 2 keeps so many bytes."""
    module = make_module(find_net("resnet50"), (3, 224, 224), 1000, device="meta")
    table = measure(module, (3, 224, 224), 2)
    assert table.training is not None
    assert table.training.saved == table.saved_bytes == 170_827_264


@pytest.mark.parametrize("name", ["resnet18", "unet", "dense", "transformer", "gru"])
def test_what_is_kept_is_what_autograd_keeps(name: str) -> None:
    make, shape = NETWORKS[name]
    module, images = make().train(), torch.randn(2, *shape)
    kept: dict[int, Tensor] = {}

    def pack(tensor: Tensor) -> Tensor:
        kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        module(images)
    for given in (*module.parameters(), *module.buffers(), images):
        kept.pop(given.untyped_storage().data_ptr(), None)
    made = trace(module, shape, 2, mode="train", backward=True)
    assert estimate_training(made).saved == count_bytes(kept.values())


def test_the_terms_add_up_and_say_where() -> None:
    make, shape = NETWORKS["lenet5"]
    module = make()
    inference = estimate_inference(trace(module, shape, 8, scratch=make_scratch()))
    training = estimate_training(trace(module, shape, 8, mode="train", backward=True, scratch=make_scratch()))
    for memory in (inference, training):
        assert memory.peak == sum(astuple(memory)[:7])
        assert memory.at.split(" (")[0] in dict(module.named_modules())
        assert memory.parameters == count_bytes(module.parameters())
    assert training.optimizer == training.parameters
    wide = trace(nn.Linear(1000, 1000), (1000,), 2, mode="train", backward=True)
    assert estimate_training(wide, "adam").at == STEP


def test_indices_of_a_one_dimensional_pool_count_where_they_are_wanted() -> None:
    """Torch makes none in a pass without gradients, but the user may ask for them."""
    plain, asked = nn.MaxPool1d(2), nn.MaxPool1d(2, return_indices=True)
    peaks = [estimate_inference(trace(pool, (8, 64), 4)).peak for pool in (plain, asked)]
    assert peaks[1] - peaks[0] == 4 * 8 * 32 * 8


def test_an_lstm_keeps_its_workspace_in_training_alone() -> None:
    module = Recurrent(nn.LSTM)
    training = estimate_training(trace(module, (1, 32, 64), 2, mode="train", backward=True))
    assert training.saved > 2 * 16 * 2 * 4 * (4 * 128 + 512)
    assert estimate_inference(trace(module, (1, 32, 64), 2)).activations < training.saved
