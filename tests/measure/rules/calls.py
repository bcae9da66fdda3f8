"""Functions that networks call directly: on words (batch x 5 x 8), on images (batch x 4 x 8 x 8), and losses."""

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor
from torch.utils.checkpoint import checkpoint

Function = Callable[[Tensor], Tensor]


def _assign(input: Tensor) -> Tensor:
    output = input * 1
    output[:, 0] = input[:, 1]
    output[:, :2].relu_()
    return output


CALLS: dict[str, Function] = {
    "attention": lambda x: F.scaled_dot_product_attention(x[:, None], x[:, None], x[:, None], is_causal=True),
    "attention by hand": lambda x: (x @ x.mT).softmax(-1) @ x,
    "einsum": lambda x: torch.einsum("bij,bkj->bik", x, x),
    "tensordot": lambda x: torch.tensordot(x, x, ([2], [2])),
    "outer": lambda x: torch.outer(x[0, 0], x[0, 1]),
    "baddbmm": lambda x: torch.baddbmm(x[:, :, :5], x, x.mT),
    "kron": lambda x: torch.kron(x[0], x[0]),
    "statistics": lambda x: x.mean(1) + x.var(1) + x.std(1) + x.amax(1) + x.prod(1) + x.norm(dim=1) + x.nansum(1),
    "extremes": lambda x: x.max(1)[0] + x.min(1)[0] + x.median(1)[0] + torch.aminmax(x, dim=1)[0] + x.max(),
    "order": lambda x: (
        x.sort(1)[0][:, :2] + x.topk(2, 1)[0] + x.kthvalue(2, 1)[0][:, None] + x.gather(1, x.argsort(1))[:, :2]
    ),
    "sums so far": lambda x: x.cumsum(1) + x.cumprod(1) + x.cummax(1)[0] + x.logcumsumexp(1) + x.logsumexp(1, True),
    "places": lambda x: (
        x * x.argmax(1, keepdim=True) + (x > 0).any(1, keepdim=True) + torch.count_nonzero(x, 1)[:, None]
    ),
    "max of two": lambda x: torch.max(x, x * 2) + torch.minimum(x, x * 2) + torch.fmax(x, x * 2),
    "distances": lambda x: torch.cdist(x, x) + F.pdist(x[0]).mean() + F.cosine_similarity(x, x * 2).mean(),
    "normalize": lambda x: F.normalize(x) + F.gumbel_softmax(x, dim=-1),
    "one_hot": lambda x: F.one_hot(x.long(), 4) * x[..., None],
    "buckets": lambda x: x + torch.bucketize(x, torch.arange(3.0)) + torch.searchsorted(torch.arange(3.0), x),
    "rounding": lambda x: x.round() + x.floor() + x.ceil() + x.trunc() + x.sign() + x.frac() + x.clamp(0, 1),
    "powers": lambda x: x**2 + x**-1 + 2**x + x**x + x.sqrt() + x.rsqrt() + x.square() + x.reciprocal(),
    "functions": lambda x: x.sin() + x.cos() + x.atan2(x) + x.sinc() + x.exp() + x.log1p() + x.erf() + x.lgamma(),
    "comparisons": lambda x: x * (x > 0) * (x == 1) * ~(x < 2) * ((x > 0) & (x < 1)) * x.isnan() * x.nan_to_num(),
    "mixtures": lambda x: torch.addcdiv(x, x, x) + torch.addcmul(x, x, x) + torch.lerp(x, x, 0.5) + torch.hypot(x, x),
    "fft": lambda x: torch.fft.irfft(torch.fft.rfft(x) * 2) + torch.fft.ifft2(torch.fft.fft2(x)).real,
    "stft": lambda x: torch.stft(x[:, 0], 4, 2, window=torch.hann_window(4), return_complex=True).abs(),
    "rotations": lambda x: torch.view_as_real(
        torch.view_as_complex(x.reshape(2, 5, 4, 2)) * torch.polar(torch.ones(5, 4), torch.ones(5, 4))
    ).flatten(2),
    "writes": _assign,
    "masks": lambda x: torch.where(x > 0, x, x * 2).masked_fill(x > 1, 0.0).tril(),
    "indices": lambda x: x[:, torch.tensor([0, 2])] + x.index_select(1, torch.tensor([1, 1])) + x.roll(1, 1)[:, :2],
    "scatters": lambda x: x.index_add(1, torch.tensor([0]), x[:, :1]).scatter_add(1, torch.zeros(2, 5, 8).long(), x),
    "joins": lambda x: torch.cat([torch.stack([x, x]).flatten(0, 1), x.repeat(2, 1, 1)]).repeat_interleave(2, 1),
    "parts": lambda x: (
        x.chunk(2, 1)[0].unfold(1, 2, 1).flatten(2) + x.unbind(1)[0][:, None, :1] + x.diagonal(0, 1, 2).mean()
    ),
    "vmap": lambda x: torch.vmap(torch.sin)(x),
    "checkpoint": lambda x: checkpoint(torch.relu, x, use_reentrant=False),
    "renorm": lambda x: x.renorm(2, 1, 1.0),
    "conv1d": lambda x: F.conv1d(x, torch.ones(2, 5, 3), padding=1),
}

IMAGES: dict[str, Function] = {
    "conv2d": lambda x: F.conv2d(x, torch.ones(2, 4, 3, 3)),
    "unpool": lambda x: F.max_unpool2d(*F.max_pool2d(x, 2, return_indices=True), (2, 2)),
    "grid_sample": lambda x: F.grid_sample(x, x.permute(0, 2, 3, 1)[..., :2], align_corners=False),
    "affine_grid": lambda x: F.grid_sample(x, F.affine_grid(x[:, :2, 0, :3], [2, 4, 5, 5], False), align_corners=False),
    "area": lambda x: F.interpolate(x, size=3, mode="area"),
    "antialias": lambda x: F.interpolate(x, size=3, mode="bilinear", antialias=True),
    "antialias bicubic": lambda x: F.interpolate(x, size=3, mode="bicubic", antialias=True),
    "nearest-exact": lambda x: F.interpolate(x, size=5, mode="nearest-exact"),
    "align_corners": lambda x: F.interpolate(x, size=5, mode="bilinear", align_corners=True),
    "crop by padding": lambda x: F.pad(x, (-1, 2)),
    "blur pool": lambda x: F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), torch.ones(4, 1, 3, 3), None, 2, groups=4),
    "focus": lambda x: torch.cat([x[:, :, ::2, ::2], x[:, :, 1::2, ::2], x[..., ::2, 1::2], x[..., 1::2, 1::2]], 1),
    "two global pools": lambda x: torch.cat([x.mean((2, 3)), x.amax((2, 3))], 1),
    "instance_norm": lambda x: F.instance_norm(x),
    "local_response_norm": lambda x: F.local_response_norm(x, 3),
    "lp_pool2d": lambda x: F.lp_pool2d(x, 3.0, 2),
}

LOSSES: dict[str, Function] = {
    "mse_loss": lambda x: F.mse_loss(x, x.detach()),
    "l1_loss": lambda x: F.l1_loss(x, x.detach()),
    "smooth_l1_loss": lambda x: F.smooth_l1_loss(x, x.detach()),
    "huber_loss": lambda x: F.huber_loss(x, x.detach()),
    "binary_cross_entropy": lambda x: F.binary_cross_entropy(x.sigmoid(), x.detach().sigmoid()),
    "binary_cross_entropy_with_logits": lambda x: F.binary_cross_entropy_with_logits(x, x.detach()),
    "kl_div": lambda x: F.kl_div(x, x.detach(), reduction="batchmean"),
    "cross_entropy": lambda x: F.cross_entropy(x, torch.zeros(2, 8, dtype=torch.int64)),
    "cross_entropy of shares": lambda x: F.cross_entropy(x, x.detach().softmax(1)),
    "nll_loss": lambda x: F.nll_loss(x[:, 0], torch.zeros(2, dtype=torch.int64)),
    "poisson_nll_loss": lambda x: F.poisson_nll_loss(x, x.detach()),
    "hinge_embedding_loss": lambda x: F.hinge_embedding_loss(x, x.detach()),
    "multi_margin_loss": lambda x: F.multi_margin_loss(x[:, 0], torch.zeros(2, dtype=torch.int64)),
    "soft_margin_loss": lambda x: F.soft_margin_loss(x, x.detach()),
    "margin_ranking_loss": lambda x: F.margin_ranking_loss(x, x * 2, x.detach()),
    "triplet_margin_loss": lambda x: F.triplet_margin_loss(x, x * 2, x * 3),
    "cosine_embedding_loss": lambda x: F.cosine_embedding_loss(x[0], x[0] * 2, x[0, :, 0].detach()),
}
