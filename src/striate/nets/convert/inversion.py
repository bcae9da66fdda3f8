"""A convolution inverted: the input that gives an output, or comes nearest to it."""

from __future__ import annotations

import numpy as np
import torch
from scipy import linalg, sparse
from scipy.sparse.linalg import lsmr
from torch import Tensor, nn

from striate.errors import InputError, ShapeError
from striate.nets.convert.connection import respond_to_nothing
from striate.nets.convert.matrix import compose_matrix

MOST_DENSE = 1_000_000
"""Up to so many entries, zeros included, the matrix is written out and solved at once."""
TOLERANCE = 1e-13
STEPS = 50  # of the iteration, for each column


def solve_input(conv: nn.Module, output: Tensor, input: tuple[int, ...]) -> Tensor:
    """Find the least-squares input; what it does is told at `striate.invert`."""
    matrix = compose_matrix(conv, input).astype(np.float64)
    constant = respond_to_nothing(conv, input)
    if output.shape[1:] != constant.shape[1:]:
        found, needed = ("x".join(map(str, each)) for each in (output.shape, constant.shape[1:]))
        raise ShapeError(f"found an output of {found}, needed [N, *output] with an output of {needed}. Reshape it")
    wanted = (output.detach() - constant).flatten(1).double().cpu().numpy()
    if not len(output):
        return output.new_zeros(0, *input)
    solve = _solve_dense if matrix.shape[0] * matrix.shape[1] <= MOST_DENSE else _solve_sparse
    return torch.from_numpy(solve(matrix, wanted)).to(output).reshape(-1, *input)


def _solve_dense(matrix: sparse.csr_array, wanted: np.ndarray) -> np.ndarray:
    found: np.ndarray = linalg.lstsq(matrix.toarray(), wanted.T)[0]
    return np.ascontiguousarray(found.T)


def _solve_sparse(matrix: sparse.csr_array, wanted: np.ndarray) -> np.ndarray:
    """Fong & Saunders 2011: from zero, the iteration ends at the shortest of the nearest."""
    most = STEPS * matrix.shape[1]
    found = [lsmr(matrix, row, atol=TOLERANCE, btol=TOLERANCE, conlim=0, maxiter=most) for row in wanted]
    if any(stopped == 7 for _, stopped, *_ in found):
        raise InputError(f"the least squares didn't settle within {most:,} steps. Use a smaller input")
    return np.stack([solution for solution, *_ in found])
