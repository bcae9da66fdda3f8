import pytest
import torch
from tests.measure.scratch.support import aten, compare, needs_vectors

pytestmark = needs_vectors


@pytest.mark.parametrize("last", [False, True])
def test_norms_and_upsampling_as_measured(last: bool) -> None:
    images, gradient = torch.randn(4, 32, 16, 16), torch.randn(4, 32, 16, 16)
    if last:
        images, gradient = (tensor.to(memory_format=torch.channels_last) for tensor in (images, gradient))
    ones, mask = torch.ones(32), [True, True, True]
    statistics = [ones.clone() for _ in range(4)]
    compare(aten.native_batch_norm_backward.default, gradient, images, ones, *statistics, True, 1e-5, mask)
    compare(aten.native_batch_norm.default, images, ones, ones, *statistics[:2], True, 0.1, 1e-5)
    _, mean, deviation = compare(aten.native_group_norm.default, images, ones, ones, 4, 32, 256, 8, 1e-5)
    rest = (mean, deviation, ones, 4, 32, 256, 8, mask)
    compare(aten.native_group_norm_backward.default, gradient, images, *rest)
    compare(aten.upsample_nearest2d.default, images, [32, 32])
    compare(aten.upsample_bilinear2d.default, images, [32, 32], False)
    compare(aten.native_dropout.default, images, 0.5, True)


def test_losses_as_measured() -> None:
    scores, wanted = torch.rand(64, 1000), torch.rand(64, 1000)
    for loss in (aten.mse_loss, aten.smooth_l1_loss, aten.binary_cross_entropy, aten.huber_loss):
        compare(loss.default, scores, wanted)
    compare(aten.binary_cross_entropy_with_logits.default, scores, wanted)


def test_what_lies_badly_in_memory_is_copied_first() -> None:
    """A gradient that is a part of another one, as behind a concatenation; and channels moved to the end and back."""
    images, part = torch.randn(2, 16, 24, 24), torch.randn(2, 64, 24, 24)[:, :16]
    compare(aten.avg_pool2d_backward.default, part, images, [3, 3], [1, 1], [1, 1], False, True, None)
    _, indices = aten.max_pool2d_with_indices.default(images, [3, 3], [1, 1], [1, 1])
    rest = ([3, 3], [1, 1], [1, 1], [1, 1], False, indices)
    compare(aten.max_pool2d_with_indices_backward.default, part, images, *rest)
    compare(aten._adaptive_avg_pool2d_backward.default, part, images)
    compare(aten.gelu_backward.default, part, images)
    compare(aten._softmax_backward_data.default, part, images.softmax(1), 1, torch.float32)
    moved = images.permute(0, 2, 3, 1)
    ones = torch.ones(16)
    _, mean, deviation = compare(aten.native_layer_norm.default, moved, [16], ones, ones, 1e-5)
    gradient = torch.randn(2, 24, 24, 16)
    mask = [True, True, True]
    compare(aten.native_layer_norm_backward.default, gradient, moved, [16], mean, deviation, ones, ones, mask)
    compare(aten.max_pool2d_with_indices.default, moved, [2, 2], [2, 2])


def test_an_operation_without_scratch_counts_none() -> None:
    compare(aten.relu.default, torch.randn(4, 8, 16, 16))
    compare(aten.addmm.default, torch.randn(10), torch.randn(8, 40), torch.randn(40, 10))
