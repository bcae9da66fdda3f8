"""Every group of parameters with its own optimizer, learning rate and weight decay, as a recipe says."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from striate.errors import InputError
from striate.layers import ChannelNorm
from striate.train.optimizers.adamw import AdamW
from striate.train.optimizers.muon import Muon
from striate.train.optimizers.rule import Rule
from striate.train.optimizers.sgd import SGD
from striate.train.recipe import Group, Recipe

# The catalogue: parameters, momentum, weight decay and the recipe in, an optimizer out.
OPTIMIZERS: dict[str, Callable[[Mapping[str, Tensor], float, float, Recipe], Rule]] = {
    "sgd": lambda parameters, momentum, decay, _: SGD(parameters, momentum, decay),
    "adamw": lambda parameters, momentum, decay, recipe: AdamW(parameters, momentum, decay, recipe.beta2),
    "muon": lambda parameters, momentum, decay, recipe: Muon(parameters, momentum, decay, recipe.unit_norm),
}
_NORMS = (_BatchNorm, nn.GroupNorm, nn.LayerNorm, ChannelNorm)


class Grouped:
    """Optimizers side by side; each steps at its own multiple of the learning rate."""

    def __init__(self, rules: list[tuple[Rule, Group]]) -> None:
        """Take optimizers whose parameters don't overlap."""
        self.rules = rules

    def step(self, lr: float, share: float = 0.0) -> None:
        """Take one step down the gradients when `share` of the run is done; groups whose time is over stay."""
        for rule, group in self.rules:
            if share <= group.until:
                rule.step(lr * group.lr)

    def clear_gradients(self) -> None:
        """Forget the gradients of the step before."""
        for rule, _ in self.rules:
            for value in rule.parameters.values():
                value.grad = None

    def tensors(self) -> dict[str, Tensor]:
        """All states, by the parameter's name; live, not copies."""
        return {name: value for rule, _ in self.rules for name, value in rule.tensors().items()}

    def restore(self, tensors: Mapping[str, Tensor]) -> None:
        """Take over the states that `tensors` gave."""
        for rule, _ in self.rules:
            rule.restore(tensors)


def make_optimizer(module: nn.Module, recipe: Recipe) -> Grouped:
    """The optimizer that a recipe asks for. Of the groups that a parameter is in, the first counts.

    Without a group's word on it, weight decay spares tensors of one axis (biases, norms), and Muon takes what has a
    matrix of filters; the rest goes to SGD.

    Raises:  InputError for a group that none of this module's parameters is in.
    """
    kinds = name_kinds(module)
    trained = {name: value for name, value in module.named_parameters() if value.requires_grad}
    bins: dict[tuple[int, str, float], dict[str, Tensor]] = {}
    groups = (*recipe.groups, Group(of="all"))
    for name, value in trained.items():
        place = next(place for place, group in enumerate(groups) if group.of in ("all", *kinds[name]))
        bins.setdefault((place, *_settle(groups[place], recipe, value)), {})[name] = value
    for group in recipe.groups:
        if not any(group.of in (*found, "all") for found in kinds.values()):
            raise InputError(f"recipe: the group {group.of!r} has no parameter in this network. Leave it out.")
    rules = []
    for (place, kind, decay), parameters in sorted(bins.items()):
        own = groups[place].momentum
        momentum = recipe.momentum if own is None else own
        rules.append((OPTIMIZERS[kind](parameters, momentum, decay, recipe), groups[place]))
    return Grouped(rules)


def _settle(group: Group, recipe: Recipe, value: Tensor) -> tuple[str, float]:
    """A parameter's optimizer and weight decay."""
    kind = group.optimizer or recipe.optimizer
    kind = "sgd" if kind == "muon" and value.ndim < 2 else kind
    if group.weight_decay is not None:
        return kind, group.weight_decay
    return kind, recipe.weight_decay if value.ndim > 1 else 0.0


def name_kinds(module: nn.Module) -> dict[str, tuple[str, ...]]:
    """What each parameter is: a filter bank, a matrix, a bias, a norm's weight or bias; of the first layer, the head.

    >>> net = nn.Sequential(nn.Conv1d(1, 2, 3), nn.BatchNorm1d(2), nn.Flatten(), nn.Linear(8, 2))
    >>> for name, kinds in name_kinds(net).items():
    ...     print(name, *kinds, sep=", ")
    0.weight, filters
    0.bias, first bias, bias
    1.weight, norm weight
    1.bias, norm bias, bias
    3.weight, head, matrices
    3.bias, head, head bias, bias
    """
    layers = [
        (path, layer)
        for path, layer in module.named_modules()
        if next(layer.parameters(recurse=False), None) is not None
    ]
    weighted = [path for path, layer in layers if any(value.ndim > 1 for value in layer.parameters(recurse=False))]
    first, head = (weighted[0], weighted[-1]) if weighted else ("", "")
    kinds: dict[str, tuple[str, ...]] = {}
    for path, layer in layers:
        for own, value in layer.named_parameters(recurse=False):
            found = ["filters"] if value.ndim > 2 else ["matrices"] if value.ndim == 2 else []
            if value.ndim == 1:
                plain = "bias" if own == "bias" else "weight"
                places = ["norm"] * isinstance(layer, _NORMS) + ["head"] * (path == head) + ["first"] * (path == first)
                found = [*(f"{place} {plain}" for place in places), *(["bias"] if plain == "bias" else [])]
            found = ["head", *found] if path == head else found
            kinds[f"{path}.{own}" if path else own] = tuple(found)
    return kinds
