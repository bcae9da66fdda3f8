"""The recipe: every number that decides how a network is trained, as one plain value.

A run's settings hold it whole, so a run can be repeated from its folder alone. A setting's default is what runs did
before there was such a setting: settings of older runs stay good.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, fields
from typing import Any

from striate.errors import InputError


@dataclass(frozen=True, kw_only=True)
class Augment:
    """How far a training sample may be changed; each sample anew in each epoch.

    `shift`: at most so many cells along each axis but the first `still` ones, edges mirrored. `flip`: half of the
    samples mirrored along the last axis; with `alternate`, each one every other epoch. `rotate`: at most so many
    degrees either way, and `scale`: a size from 1 - scale to 1 + scale (both for 2-D inputs alone). `cutout`: a cube
    of this side, anywhere, set to the mean colour.

    On the scale from 0 to 1: `brightness`, added, at most so much either way; `contrast` and `saturation`: distances
    from the sample's mean, and from the cell's grey, times 1 - so much to 1 + so much. `gain`: distances from the
    data's mean times so many decibels either way at most; `noise`: white noise whose deviation is up to this.

    `mixup`, `cutmix`: the a of Beta(a, a), from which the share of each sample's partner is drawn, as a blend or as a
    box of its cells (0: off; of both, each sample takes one).
    """

    shift: int = 0
    flip: bool = False
    alternate: bool = False
    rotate: float = 0.0
    scale: float = 0.0
    cutout: int = 0
    brightness: float = 0.0
    contrast: float = 0.0
    saturation: float = 0.0
    gain: float = 0.0
    noise: float = 0.0
    mixup: float = 0.0
    cutmix: float = 0.0
    still: int = 0

    @property
    def mixes(self) -> bool:
        """Whether a sample gets a part of another one."""
        return bool(self.mixup or self.cutmix)

    @property
    def adjusts(self) -> bool:
        """Whether values are changed where they stand."""
        return bool(self.brightness or self.contrast or self.saturation or self.gain or self.noise)


@dataclass(frozen=True, kw_only=True)
class Group:
    """Parameters that are trained in a way of their own.

    `of` is "all", "filters" (tensors of three axes or more), "matrices" (of two), "head" (the last layer's),
    "bias", or one of "first", "head", "norm" before "bias" or "weight". `lr` multiplies the recipe's; `weight_decay`,
    `momentum` and `optimizer` replace the recipe's; they are trained until this share of the run is done.
    """

    of: str
    lr: float = 1.0
    weight_decay: float | None = None
    momentum: float | None = None
    optimizer: str | None = None
    until: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Lookahead:
    """Slow weights: every `every` steps (0: off) they take over `share` of the way that the others have gone.

    The share falls from 1 to `share` over the run, by the power `power` of what is done (0: it is `share` throughout).
    """

    every: int = 0
    share: float = 0.5
    power: float = 0.0


@dataclass(frozen=True, kw_only=True)
class Whiten:
    """The first convolution's kernels set to the principal directions of patches of so many `images` (0: off).

    `frozen`: they are not trained. `eps` is added to each direction's variance before dividing by its root.
    """

    images: int = 0
    frozen: bool = True
    eps: float = 5e-4


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to train. The length is `minutes` if given, else `steps` if given, else `epochs`.

    `optimizer`: "sgd" (Nesterov), "adamw" or "muon"; `momentum` is AdamW's beta1, too; `unit_norm`: Muon scales each
    bank to sqrt(filters). `groups`: parameters that are trained otherwise. `schedule`: "one-cycle", "linear", "cosine"
    or "restarts"; `warmup`: share of the length over which the learning rate rises, from `start` times `lr`, to `lr`;
    `final`: its share of `lr` at the end; `cycles`: how many restarts, each twice as long as the one before.
    `smoothing`: label smoothing. `average`: decay per step of the averaged weights that are kept at the end (0: off).
    `balance`: what is done for classes of uneven size, "none", "weights" (of the loss, by inverse frequency) or
    "sampling" (each epoch draws the classes evenly).
    `init`: "plain", or "dirac" (convolutions begin as identities). `freeze_norms`: the weights of batch norms stay 1;
    `norm_momentum`, `norm_eps`: theirs, in place of the network's.
    `mirror`: predictions average an input and its mirror image, and with `nudge` the same of it moved by so many cells
    along the diagonal either way; only inputs of which the plain answer is less sure than `unsure` are looked at again.
    `mean`, `std`: per channel, on the scale from 0 to 1.

    >>> recipe = Recipe(epochs=3, mean=(0.5,), std=(0.25,), augment=Augment(shift=1))
    >>> Recipe.from_dict(recipe.to_dict()) == recipe
    True
    """

    epochs: int
    steps: int | None = None
    minutes: float | None = None
    batch: int = 128
    optimizer: str = "sgd"
    lr: float = 0.1
    momentum: float = 0.9
    beta2: float = 0.999
    unit_norm: bool = True
    weight_decay: float = 5e-4
    groups: tuple[Group, ...] = ()
    schedule: str = "one-cycle"
    start: float = 0.1
    warmup: float = 0.25
    final: float = 0.0
    cycles: int = 1
    smoothing: float = 0.0
    balance: str = "none"
    average: float = 0.0
    lookahead: Lookahead = field(default_factory=Lookahead)
    init: str = "plain"
    whiten: Whiten = field(default_factory=Whiten)
    freeze_norms: bool = False
    norm_momentum: float | None = None
    norm_eps: float | None = None
    augment: Augment = field(default_factory=Augment)
    mirror: bool = False
    nudge: int = 0
    unsure: float = 1.0
    seed: int = 0
    mean: tuple[float, ...]
    std: tuple[float, ...]

    def to_dict(self) -> dict[str, Any]:
        """The recipe as plain values for JSON."""
        return {**asdict(self), "groups": [asdict(group) for group in self.groups]}

    @classmethod
    def from_dict(cls, values: dict[str, Any]) -> Recipe:
        """The recipe that `to_dict` wrote, also after a way through JSON; what is left out has its default.

        Raises:
            InputError: for a setting that recipes don't have, or lack.
        """
        _refuse_unknown("recipe", set(values) - {one.name for one in fields(cls)})
        missing = sorted({"epochs", "mean", "std"} - set(values))
        if missing:
            raise InputError(f"recipe: {missing[0]} is missing; a recipe needs epochs, mean and std.")
        parts = {name: _read_part(name, kind, values.get(name, {})) for name, kind in _PARTS.items()}
        groups = tuple(_read_part("group", Group, group) for group in values.get("groups", ()))
        mean, std = tuple(values["mean"]), tuple(values["std"])
        return cls(**{**values, **parts, "groups": groups, "mean": mean, "std": std})


_PARTS: dict[str, type] = {"augment": Augment, "lookahead": Lookahead, "whiten": Whiten}


def _read_part(name: str, kind: type, values: dict[str, Any]) -> Any:
    _refuse_unknown(name, set(values) - {one.name for one in fields(kind)})
    return kind(**values)


def _refuse_unknown(where: str, names: set[str]) -> None:
    if names:
        raise InputError(f"{where}: unknown setting {min(names)!r}; was it written by a newer Striate?")
