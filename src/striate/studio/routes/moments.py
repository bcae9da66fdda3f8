"""The verbs of what moves in a training: its moments, the examples, and of one moment kernels, maps and answers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from striate.studio.album import Album
from striate.studio.plain import pack
from striate.studio.routes.route import Body, answers, read_whole
from striate.studio.session import Session
from striate.studio.tickets import Ticket

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Arrays = Mapping[str, NDArray[Any]]


@answers
def list_moments(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """Which moments of a run were seen, and the held-out examples that its answers are shown for.

    Where there are none: whether the run keeps a checkpoint, and `why` it can't be read.
    """
    name = session.take_run(body.get("run"))
    album = _open(session, body)
    known = [{name: facts[name] for name in ("step", "epoch", "whole")} for facts in album.list_facts()]
    kept, why = (session.trainings.runs / name / "state").is_dir(), session.watch.find_problem(name)
    return {"moments": known, "examples": _tell_examples(album), "has_checkpoint": kept, "why": why}


def _tell_examples(album: Album) -> Mapping[str, Any] | None:
    kept = album.read_examples()
    if kept is None:
        return None
    facts, arrays = kept
    if facts.get("problem"):
        return {"problem": facts["problem"]}
    told = {name: facts[name] for name in ("names", "part", "task", "classes")}
    told["words"] = facts.get("words") or ()  # an album of an earlier Striate has none
    return {**told, "inputs": _give(arrays, "shown"), "truths": _give(arrays, "truths")}


@answers
def give_moment(session: Session, body: Body, ticket: Ticket) -> Mapping[str, Any]:
    """One moment: the kernels of a layer, what a layer makes of one example, and the answers to all of them.

    Layers go by their place among those that there are; beyond the last, the last is meant.
    """
    step = read_whole(body, "step", 0, 1 << 62) or 0
    sample = read_whole(body, "sample", 0, 1 << 20) or 0
    facts, arrays = _open(session, body).read(step)
    maps = facts["maps"].get(str(sample))
    return {
        **{name: facts[name] for name in ("step", "epoch", "whole", "told")},
        "sample": sample,
        "layers": {"kernels": _name(facts["kernels"]), "maps": _name(maps or ())},
        "kernels": _choose(facts["kernels"], arrays, "kernels", read_whole(body, "kernels", 0, 1 << 20)),
        "maps": _choose(maps, arrays, f"maps.{sample}", read_whole(body, "maps", 0, 1 << 20)),
        "answers": _give(arrays, "answers"),
    }


def _name(parts: Sequence[Mapping[str, Any]]) -> list[str]:
    return [f"{part['path']} · {part['kind']}" if part["path"] else part["kind"] for part in parts]


def _choose(
    parts: Sequence[Mapping[str, Any]] | None, arrays: Arrays, name: str, wanted: int | None
) -> Mapping[str, Any] | None:
    """One layer of several with its numbers; None where there is none."""
    if not parts:
        return None
    at = min(wanted or 0, len(parts) - 1)
    return {**parts[at], "at": at, "values": _give(arrays, f"{name}.{at}")}


def _give(arrays: Arrays, name: str) -> Mapping[str, Any] | None:
    values = arrays.get(name)
    return None if values is None else pack(values)


def _open(session: Session, body: Body) -> Album:
    name = session.take_run(body.get("run"))
    return Album(session.trainings.job(name).folder, session.trainings.runs / name)
