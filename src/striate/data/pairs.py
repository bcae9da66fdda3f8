"""Folders `noisy` and `clean` side by side: files of one name, up to the ending, belong together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from striate.data.part import SetAside
from striate.data.pool import SIDE_NAMES, Request, Side
from striate.data.store import Entry, Store, shown
from striate.data.tree import find_medium_of

NOISY, CLEAN = "noisy", "clean"
MEDIA = ("images", "sound")


@dataclass(frozen=True)
class Pair:
    """A damaged file and the clean one that it was; `name` is the damaged one's, `side` the part it is put in."""

    noisy: Entry
    clean: Entry
    name: str
    side: Side


def is_pairs(store: Store, request: Request) -> bool:
    """Tell pairs by their folders' names, where nothing else is asked for."""
    if request.task not in (None, "restore") or (request.reading is not None and not request.reading.get("paired")):
        return False
    if request.reading or {NOISY, CLEAN} != {half for entry in store.entries if (half := _find_half(entry))}:
        return bool(request.reading)
    pairs, aside = match_pairs(store)  # classes of these two names have files of their own names each
    return len(pairs) > len(aside) or (request.task is not None and bool(pairs))


def match_pairs(store: Store) -> tuple[list[Pair], list[SetAside]]:
    """Pair the files, by their place below the two folders; those without a partner are set aside with the reason."""
    halves: dict[tuple[str, str], dict[str, list[Entry]]] = {}
    aside = []
    for entry in store.entries:
        half, key = _find_half(entry), _find_key(entry)
        if not half or find_medium_of(entry) not in MEDIA:
            aside.append(SetAside(shown(entry.name), f"no picture or sound in {NOISY} or {CLEAN}"))
            continue
        halves.setdefault(key, {NOISY: [], CLEAN: []})[half].append(entry)
    pairs = []
    for (above, _), found in sorted(halves.items()):
        noisy, clean = found[NOISY], found[CLEAN]
        if len(noisy) == len(clean) == 1:
            pairs.append(Pair(noisy[0], clean[0], noisy[0].name, _find_side(above)))
            continue
        reason = f"not one file of its name in {CLEAN if noisy else NOISY}"
        if noisy and clean:
            reason = "several files of its name"
        aside += [SetAside(shown(entry.name), reason) for entry in (*noisy, *clean)]
    return pairs, aside


def keep_medium(pairs: Sequence[Pair], medium: str) -> tuple[list[Pair], list[SetAside]]:
    """The pairs of one medium; the others set aside."""
    kept = [pair for pair in pairs if find_medium_of(pair.noisy) == find_medium_of(pair.clean) == medium]
    others = [pair for pair in pairs if pair not in kept]
    return kept, [SetAside(shown(pair.name), f"not {medium}, as most are") for pair in others]


def find_pairs_medium(pairs: Sequence[Pair]) -> str:
    """What most of the damaged files hold."""
    found = [find_medium_of(pair.noisy) for pair in pairs]
    return max(MEDIA, key=found.count)


def _split(entry: Entry) -> tuple[list[str], int]:
    """The parts of a file's name, and which of them is one of the two folders; -1 where none is."""
    parts = entry.name.split("/")
    return parts, next((n for n, part in enumerate(parts[:-1]) if part.lower() in (NOISY, CLEAN)), -1)


def _find_half(entry: Entry) -> str:
    parts, place = _split(entry)
    return parts[place].lower() if place >= 0 else ""


def _find_key(entry: Entry) -> tuple[str, str]:
    """What stands above the two folders, and the name below them without its ending."""
    parts, place = _split(entry)
    return "/".join(parts[:place]), "/".join(parts[place + 1 :]).rpartition(".")[0]


def _find_side(above: str) -> Side:
    return SIDE_NAMES.get(above.split("/")[-1].lower(), Side.UNSAID)
