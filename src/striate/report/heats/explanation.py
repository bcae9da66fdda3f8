"""Heats as a page: one HTML file that asks the network for nothing, reads without scripts, and plays its sounds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from striate.explain.heat import Heat
from striate.explain.trust.trust import Areas, count_maps, mean
from striate.report.figures import FORMATS, MARK, find_place, save_figure
from striate.report.heats.cards import LONGEST, Card, count_bytes, make_card
from striate.report.heats.exposures import stretch
from striate.report.heats.heats import name_method
from striate.report.heats.sheets import Sheet
from striate.report.markup import element
from striate.report.pictures import draw_sample
from striate.report.shell import compose_policy, make_environment, read_asset
from striate.train.atomic import replacing

MOST = 60  # inputs
FEW, SMALLER = 8, 256  # of more inputs than so many, pictures are shrunk further
MOST_SOUND_BYTES = 40_000_000


PAGES = ("html", *FORMATS)


def save_explanation(heats: Sequence[Heat], path: str | Path, title: str = "explanation") -> Path:
    """Put heats of the same inputs into a file: a page if its suffix is html, else a picture; give its path.

    A file that Striate didn't draw is never written over.

    Raises:  InputError as `find_place` does; RunError where the disk refuses.
    """
    target, form = find_place(path, PAGES)
    return write_explanation(heats, target, title) if form == "html" else save_figure(list(heats), target)


def write_explanation(heats: Sequence[Heat], path: str | Path, title: str = "explanation") -> Path:
    """Write heats of the same inputs, one for each method, as one self-contained HTML file, whole or not at all.

    Raises:  InputError for heats of different inputs; RunError when the file can't be written.
    """
    page = render_explanation(heats, title).encode("utf-8", "backslashreplace")
    target = Path(path)
    with replacing(target) as draft:
        draft.write_bytes(page)
    return target


def render_explanation(heats: Sequence[Heat], title: str = "explanation") -> str:
    """Render heats of the same inputs as HTML text."""
    heats = Sheet(tuple(heats)).heats
    style, script = read_asset("style.css") + read_asset("explanation.css"), read_asset("explanation.js")
    cards, notes = _make_cards(heats)
    page = make_environment().get_template("explanation.html.j2")
    return page.render(
        title=title,
        mark=MARK,
        style=Markup(style),
        script=Markup(script),
        policy=compose_policy(style, script, sounds=True),
        lede=_sum_up(heats),
        reading=_explain_colours(heats),
        notes=[*_gather_notes(heats), *notes],
        judged=[_judge(heat) for heat in heats if heat.trust is not None],
        cards=cards,
        favourites=Markup("").join(_draw_patches(heat) for heat in heats),
    )


def _make_cards(heats: Sequence[Heat]) -> tuple[list[Card], list[str]]:
    """A card for each input, up to what a page can hold; and what was left out."""
    total, used, silent = len(heats[0]), 0, 0
    cards, longest = [], LONGEST if total <= FEW else SMALLER
    for index in range(min(total, MOST)):
        used += count_bytes(heats, index)
        sounds = used <= MOST_SOUND_BYTES
        silent += not sounds
        cards.append(make_card(heats, index, sounds=sounds, longest=longest))
    notes = [f"The first {MOST} of {total} inputs are shown."] * (total > MOST)
    return cards, notes + [f"The last {silent} can't be played here, or the page would be too large."] * bool(silent)


def _sum_up(heats: Sequence[Heat]) -> str:
    """Which methods, of how many inputs."""
    names = [name_method(heat.method) for heat in heats]
    listed = " and ".join(filter(None, [", ".join(names[:-1]), names[-1]]))
    return f"{listed} of {len(heats[0])} {'input' if len(heats[0]) == 1 else 'inputs'}"


def _explain_colours(heats: Sequence[Heat]) -> str:
    signed = {heat.signed for heat in heats}
    if any(heat.words for heat in heats):
        return "Orange words speak for the class, blue ones against it, the deeper the more. Each line has its scale."
    how = ["The lighter a cell, the more the answer comes from it."] * (False in signed)
    how += ["Orange speaks for the class, blue against it."] * (True in signed)
    return " ".join([*how, "What is cold keeps the input's own grey, dimmed. Each map has a scale of its own."])


def _gather_notes(heats: Sequence[Heat]) -> list[str]:
    return list(dict.fromkeys(f"{name_method(heat.method)}: {note}" for heat in heats for note in heat.notes))


def _judge(heat: Heat) -> dict[str, Any]:
    """A row of the table of trust."""
    trust = heat.trust
    assert trust is not None
    return {
        "method": name_method(heat.method),
        "deletion": _write_areas(trust.deletion),
        "insertion": _write_areas(trust.insertion),
        "top": f"{mean(trust.stages[0].drawn):.2f}",
        "all": f"{mean(trust.stages[-1].drawn):.2f}",
        "trustworthy": trust.trustworthy,
        "verdict": "trustworthy" if trust.trustworthy else "not trustworthy",
        "maps": count_maps(len(trust)),
        "words": "; ".join(trust.words),
    }


def _write_areas(areas: Areas) -> str:
    return f"{mean(areas.found):.2f} ({mean(areas.random):.2f}, {mean(areas.edges):.2f})"


def _draw_patches(heat: Heat) -> Markup:
    """Where in a data set the unit fires most, and below it what it saw there."""
    if heat.patches is None:
        return Markup("")
    rows = [("Where it fires most in the data", heat.patches.inputs), ("What it saw there", heat.patches.projections)]
    parts = []
    for said, tensor in rows:
        if tensor is not None:
            tiles = [draw_sample(255 * stretch(each.double().numpy()), said) for each in tensor]
            parts += [element("p", said, class_="caption"), element("div", tiles, class_="favourites")]
    return element("div", parts)
