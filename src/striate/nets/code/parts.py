"""The small classes that a network's code brings along where torch has none."""

from __future__ import annotations

PARTS = {
    "ChannelNorm": '''class ChannelNorm(nn.Module):
    """Normalise the channels of each position."""

    def __init__(self, channels, eps=1e-6):
        super().__init__()
        self.eps = eps
        self.weight = nn.Parameter(torch.ones(channels))
        self.bias = nn.Parameter(torch.zeros(channels))

    def forward(self, x):
        x = F.layer_norm(x.movedim(1, -1), self.weight.shape, self.weight, self.bias, self.eps)
        return x.movedim(-1, 1)
''',
    "Scale": '''class Scale(nn.Module):
    """Multiply each channel by a factor of its own, and add a bias."""

    def __init__(self, channels, initial=1.0, bias=True):
        super().__init__()
        self.weight = nn.Parameter(torch.full((channels,), initial))
        self.bias = nn.Parameter(torch.zeros(channels)) if bias else None

    def forward(self, x):
        along = (-1, *(1,) * (x.dim() - 2))
        x = x * self.weight.reshape(along)
        return x if self.bias is None else x + self.bias.reshape(along)
''',
    "Multiply": '''class Multiply(nn.Module):
    """Multiply everything by one number."""

    def __init__(self, factor):
        super().__init__()
        self.factor = factor

    def forward(self, x):
        return x * self.factor
''',
    "Maxout": '''class Maxout(nn.Module):
    """The largest of so many channels side by side."""

    def __init__(self, pieces):
        super().__init__()
        self.pieces = pieces

    def forward(self, x):
        return x.unflatten(1, (-1, self.pieces)).amax(2)
''',
    "KMaxPool": '''class KMaxPool(nn.Module):
    """The k largest cells of the last axis, in the order in which they stand."""

    def __init__(self, k):
        super().__init__()
        self.k = k

    def forward(self, x):
        places = x.detach().sort(dim=-1, descending=True, stable=True).indices[..., : self.k]
        return x.gather(-1, places.sort(dim=-1).values)
''',
    "CellEmbedding": '''class CellEmbedding(nn.Embedding):
    """A vector along the channels for the whole number in each cell."""

    def forward(self, x):
        return super().forward(x[:, 0].long()).movedim(-1, 1)
''',
}
