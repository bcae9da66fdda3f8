"""Conversions: a network that slides over larger inputs; a convolution as a matrix, as a linear layer, and inverted."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from scipy import sparse
    from torch import Tensor, nn

    from striate.nets.convert import SlidingWindow


def fully_convolutional(module: nn.Module, input: tuple[int, ...]) -> SlidingWindow:
    """Turn a network that was made for one input into one that slides over larger inputs.

    `input` is the channels x extents that it was made for: the window. A linear layer behind a `flatten` becomes a
    convolution as wide as the map, with the same weights; later ones become 1x1 convolutions; a global pool becomes a
    pool of the map's extents. Any module that torch.fx can trace and whose layers are the same in every window will do;
    it is left as it was, and its mode, train or eval, is kept. The result has `window` and `step` (how far the
    window moves from one output cell to the next, along each axis), and `exact`: whether each cell equals what the
    module gives, in eval mode, for its crop. That is so if nothing pads; else `why` names the layers that read past a
    crop's border.

    Shape:   [N, C, *extents] -> [N, classes, *((extent - window) // step + 1)]; on `input` itself [N, classes, 1, 1],
             the module's own numbers. Cell i stands for the crop that begins at i * step.
    Cost:    the same parameters; one pass over the larger input in place of one for each crop.
    Raises:  InputError, in one line, for a module that can't be traced or has a layer that sees the whole window at
             every cell; ShapeError, from the result, for an input smaller than the window.
    Source:  Sermanet et al. 2013, arXiv:1312.6229, sec. 3.5; Long, Shelhamer, Darrell 2015, arXiv:1411.4038, sec. 3.1.

    >>> import striate, torch
    >>> module = striate.build("conv5-6 pad=valid, relu, maxpool2, flatten, fc-10", input=(1, 28, 28))
    >>> sliding = striate.fully_convolutional(module, input=(1, 28, 28))
    >>> sliding.step, sliding.exact, sliding(torch.zeros(1, 1, 40, 28)).shape
    ((2, 2), True, torch.Size([1, 10, 7, 1]))
    """
    from striate.nets.convert import fully_convolutional as convert

    return convert(module, tuple(input))


def fully_connected(conv: nn.Module, input: tuple[int, ...]) -> nn.Linear:
    """Write one convolution as a fully connected layer on the flattened input; it shows how much a convolution saves.

    `conv` is a convolution of torch's or of Striate's, transposed or not; `input` its channels x extents.

    Shape:   [N, prod(input)] -> [N, prod(output)].
    Cost:    prod(input) * prod(output) weights, nearly all of them 0.
    Raises:  InputError for another module, or more than 50,000,000 weights; ShapeError for an input that doesn't fit.
    Source:  Goodfellow, Bengio, Courville 2016, "Deep Learning", sec. 9.1 (a doubly block circulant matrix).

    >>> import striate, torch
    >>> conv = torch.nn.Conv2d(1, 2, 3)
    >>> linear, x = striate.fully_connected(conv, input=(1, 4, 4)), torch.rand(5, 1, 4, 4)
    >>> linear.weight.shape, torch.allclose(linear(x.flatten(1)), conv(x).flatten(1), atol=1e-6)
    (torch.Size([8, 16]), True)
    """
    from striate.nets.convert import make_fully_connected

    return make_fully_connected(conv, tuple(input))


def matrix(conv: nn.Module, input: tuple[int, ...]) -> sparse.csr_array:
    """Write one convolution as a sparse matrix C: C @ x.flatten() is the convolution without its bias.

    C.T is the transposed convolution with the same weights, and carries the gradient of the output back to the
    input. `conv` is a convolution of torch's or of Striate's: any number of axes, stride, dilation, groups, padding
    mode or connection table, transposed or not. A constant in its padding is left out, as the bias is.

    Shape:   prod(output) x prod(input), in row-major order of channels x extents; a scipy.sparse.csr_array of the
             weights' precision (float32 for shorter ones).
    Cost:    one entry for each multiplication that isn't with padding; some 60 bytes each while it is made.
    Raises:  InputError for another module, or more than 50,000,000 entries; ShapeError for an input that doesn't fit.
    Source:  Dumoulin & Visin 2016, arXiv:1603.07285, sec. 4.1.

    >>> import striate, torch
    >>> conv = torch.nn.Conv1d(1, 1, 2, bias=False)
    >>> _ = conv.weight.data.copy_(torch.tensor([[[1.0, -1.0]]]))
    >>> striate.matrix(conv, input=(1, 4)).toarray()
    array([[ 1., -1.,  0.,  0.],
           [ 0.,  1., -1.,  0.],
           [ 0.,  0.,  1., -1.]], dtype=float32)
    """
    from striate.nets.convert import compose_matrix

    return compose_matrix(conv, tuple(input))


def invert(conv: nn.Module, output: Tensor, input: tuple[int, ...]) -> Tensor:
    """Find the input from which a convolution makes an output, or comes nearest to it (least squares).

    Where several inputs do equally well it is the shortest of them. It is the very input that the output came from if
    the convolution's matrix has as many independent rows as it has columns; a convolution that gives fewer numbers than
    it takes has lost some. (Nearly dependent rows lose some too, in the digits of double precision.) How near the
    output of what is found comes, `conv(found) - output` shows.

    Shape:   [N, *output] -> [N, *input], computed in double precision; no gradient flows through it.
    Cost:    up to 1,000,000 entries of the whole matrix at once; past that an iteration for each of the N.
    Raises:  InputError for a module that is no convolution, or where the iteration doesn't settle; ShapeError for an
             output or an input of other shapes.
    Source:  Fong & Saunders 2011, "LSMR", SIAM J. Sci. Comput. 33 (the iteration).

    >>> import striate, torch
    >>> conv, x = torch.nn.Conv2d(1, 4, 3, padding=1).double(), torch.rand(2, 1, 4, 4).double()
    >>> found = striate.invert(conv, conv(x), input=(1, 4, 4))
    >>> torch.allclose(found, x), bool((conv(found) - conv(x)).abs().max() < 1e-9)
    (True, True)
    """
    from striate.nets.convert import solve_input

    return solve_input(conv, output, tuple(input))
