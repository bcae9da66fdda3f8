"""Every kind of advice. A new one is a function in a file of this package, its test, and a line here."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from striate.measure.advice.activation import find_idle_activations, find_softmax_before_loss
from striate.measure.advice.border import find_dropped_borders
from striate.measure.advice.division import find_indivisible_inputs
from striate.measure.advice.dropout import find_dropouts_before_norm
from striate.measure.advice.kernels import find_dependent_filters, find_large_kernels
from striate.measure.advice.linearity import find_linear_pairs
from striate.measure.advice.norms import find_biases_before_norm, find_norms_before_norm
from striate.measure.advice.parameters import find_heavy_layers
from striate.measure.advice.resolution import find_early_memory
from striate.measure.advice.sight import find_field_mismatch, find_unproductive_layers
from striate.measure.advice.strides import find_skipped_cells
from striate.measure.advice.transposed import find_checkerboards
from striate.measure.advice.unused import find_unused_modules, find_unused_parameters
from striate.measure.finding import Finding
from striate.measure.table import Table

ADVICE: tuple[Callable[[Table], Iterator[Finding]], ...] = (
    find_unused_modules,
    find_unused_parameters,
    find_biases_before_norm,
    find_norms_before_norm,
    find_dropouts_before_norm,
    find_idle_activations,
    find_softmax_before_loss,
    find_linear_pairs,
    find_dropped_borders,
    find_skipped_cells,
    find_checkerboards,
    find_indivisible_inputs,
    find_field_mismatch,
    find_unproductive_layers,
    find_large_kernels,
    find_dependent_filters,
    find_heavy_layers,
    find_early_memory,
)


def advise(table: Table) -> tuple[Finding, ...]:
    """Find what a measured network wastes or misses, kind by kind, each in the order of its layers.

    Cost:    a few walks over the trace; nothing is traced anew.

    >>> from torch import nn
    >>> from striate.measure.measurement import measure
    >>> module = nn.Sequential(nn.Conv2d(3, 8, 3), nn.BatchNorm2d(8), nn.ReLU(), nn.ReLU())
    >>> [(finding.name, finding.layer) for finding in advise(measure(module, (3, 5, 5), batch=2))]
    [('bias-before-bn', '0'), ('idle-activation', '3'), ('field-short-of-input', '0')]
    """
    return tuple(finding for find in ADVICE for finding in find(table))
