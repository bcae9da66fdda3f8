"""What a run tells its user beside how well it does: uneven classes, duplicates between parts, units that died."""

from __future__ import annotations

from math import isfinite
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from striate.data import Dataset, Part
    from striate.data.duplicates import Duplicates
    from striate.report import Story
    from striate.train.silence import Silence
    from striate.verbs.runs import Run

MULTIPLIES_PER_SECOND = 1.5e10  # of the search for near-duplicates, on two cores that are not quite free
SHARE_OF_TRAINING, LEAST_SECONDS = 0.02, 0.1
SAMPLES_SEEN_PER_LOOK = 50  # one sample is looked at for dead units for so many that the training saw
FEWEST_LOOKS = 256


def describe_classes(dataset: Dataset, balance: str) -> tuple[str, ...]:
    """Say how uneven the training classes are and what is done about it; nothing where they are even."""
    from striate.data.imbalance import count_classes

    found = count_classes(dataset.train.labels, len(dataset.classes))
    if not found.is_uneven and balance == "none":
        return ()
    fewest, most = found.counts[found.rarest], found.counts[found.commonest]
    ends = f"{most:,} ({dataset.classes[found.commonest]}) down to {fewest:,} ({dataset.classes[found.rarest]})"
    done = {
        "none": "trained on as they are; --balance weights or sampling would make each class count alike",
        "weights": "each sample's loss counts samples / (classes x its class's samples), as asked",
        "sampling": "each epoch draws every class equally often, as asked",
    }.get(balance, "")
    return (f"classes of {ends} training samples, {found.ratio:.3g} to 1: {done}",)


def plan_search(run: Run) -> float:
    """How many multiplies the search for duplicates may cost beside a training: 2 % of its time, 0.1 s at least."""
    seconds = [float(record.get("seconds") or 0) for record in run.history]
    share = SHARE_OF_TRAINING * max(seconds, default=0.0)
    return MULTIPLIES_PER_SECOND * max(LEAST_SECONDS, share if isfinite(share) else 0)


def expect_search(trained: int, held: int, seconds: float) -> float:
    """The seconds that the search will take after a training of `seconds`, on so many samples.

    >>> expect_search(55_000, 10_000, 60), round(expect_search(1_300, 360, 60), 3)
    (1.2, 0.004)
    """
    from striate.data.thumbnails import CELLS

    return min(SHARE_OF_TRAINING * seconds, trained * held * CELLS / MULTIPLIES_PER_SECOND)


def search_duplicates(run: Run, dataset: Dataset, held: Part, multiplies: float) -> Duplicates | None:
    """The duplicates of a held-out part in the training part."""
    from striate.data import hash_part
    from striate.data.duplicates import find_duplicates

    if held is dataset.train or not len(held):
        return None
    waves = dataset.facts.kind == "sound" and len(dataset.facts.extents) == 1  # whose mean over a moment is about 0
    # Numbers of words aren't alike by value, windows overlap by design.
    if waves or dataset.facts.kind in ("words", "series"):
        multiplies = 0
    hashes = hash_part(dataset.train), hash_part(held)
    seed = int(run.settings["seed"]) % 2**32
    return find_duplicates(dataset.train.inputs, held.inputs, multiplies=multiplies, seed=seed, hashes=hashes)


def search_silence(run: Run, dataset: Dataset) -> Silence:
    """The units that are never active on training samples: more of them are looked at where more were trained on."""
    from striate.train.silence import MOST, find_dead_units

    steps = max((int(record.get("step") or 0) for record in run.history), default=0)
    most = min(MOST, max(FEWEST_LOOKS, steps * run.recipe.batch // SAMPLES_SEEN_PER_LOOK))
    return find_dead_units(run.module, dataset.train.inputs, run.recipe, run.engine, most)


def describe_findings(story: Story) -> list[str]:
    """The findings at the end of a training, a line each, for people."""
    lines = []
    if story.duplicates is not None and (story.duplicates.exact or story.duplicates.near):
        lines.append(f"data     {describe_duplicates(story.duplicates, story.part)}")
        pair = story.duplicates.pairs[0]
        assert story.trained is not None
        lines.append(f"         such as {story.names[pair.held]} and {story.trained.names[pair.trained]}")
    if story.silence is not None and story.silence.dead:
        lines.append(f"network  {describe_silence(story.silence)}")
    return lines


def describe_duplicates(found: Duplicates, part: str) -> str:
    """How many held-out samples stand in the training part too, exactly and nearly."""
    if found.is_exact_alone:
        whole = f"{found.exact:,} of {found.held:,} stand byte for byte in the training part"
        return f"{part} samples: {whole}: they make the figures too good"
    near = f"{found.near:,} of {found.looked:,} that were compared look like one of the training part"
    if found.exact:
        near = f"{found.exact:,} of {found.held:,} stand byte for byte in the training part; {near}"
    return f"{part} samples: {near} ({_write_share(found.share)} in all): they make the figures too good"


def warn_of_duplicates(found: Duplicates | None) -> tuple[str, ...]:
    """The note that heads a report where more pairs are alike than chance brings about."""
    from striate.data.duplicates import CHANCE

    if found is None or found.near <= CHANCE:
        return ()
    share = _write_share(found.near / max(1, found.looked))
    return (f"{share} of the held-out samples that were compared look like one of the training part: see The data.",)


def describe_silence(found: Silence) -> str:
    """How many units never fired, and where most of them are."""
    worst = max(found.layers, key=lambda layer: len(layer.dead))
    return (
        f"{found.dead:,} of {found.channels:,} units behind a ReLU were never active on {found.looked:,} training "
        f"samples; most in {worst.name or 'the network'}, {len(worst.dead):,} of {worst.channels:,}"
    )


def _write_share(share: float) -> str:
    return f"{100 * share:.2g} %" if share < 0.995 else "100 %"
