"""The page itself: one HTML file that asks the network for nothing and reads without scripts.

Its content policy forbids every request and every script and style but its own, so that even text that slipped past
escaping could do nothing.
"""

from __future__ import annotations

from pathlib import Path

from markupsafe import Markup

from striate.report import numerals
from striate.report.confidence import assess_confidence
from striate.report.curves import draw_curves
from striate.report.kernels import describe_kernels, draw_kernels
from striate.report.matrix import COUNTED, draw_matrix, rank_pairs
from striate.report.mistakes import draw_mistakes
from striate.report.outcomes.catalogue import show_outcome
from striate.report.persistence import describe_persistence
from striate.report.shares import describe_imbalance, draw_imbalance, find_imbalance
from striate.report.shell import compose_policy, make_environment, read_asset
from striate.report.story import Story
from striate.report.summary import sum_effort, sum_up
from striate.report.twins import MOST, describe_twins, draw_twins, explain_exact, explain_twins
from striate.train.atomic import replacing
from striate.train.scores import ClassRow, count_confusion, tabulate_classes

WEAKEST = 10  # of many classes, so many stand outside the fold


def write_report(story: Story, path: str | Path) -> Path:
    """Write the story as one self-contained HTML file, replacing an earlier one whole or not at all; give its path.

    Raises: RunError when the file can't be written.
    """
    target = Path(path)
    page = render_report(story).encode("utf-8", "backslashreplace")  # a file name may hold what UTF-8 can't
    with replacing(target) as draft:
        draft.write_bytes(page)
    return target


def render_report(story: Story) -> str:
    """Render the story as HTML text."""
    style, script = read_asset("style.css"), read_asset("sort.js")
    counts = None if story.scored is None else count_confusion(story.scored, len(story.classes))
    rows = () if story.scored is None else tabulate_classes(story.scored)
    uneven, found = find_imbalance(story), story.duplicates if story.trained is not None else None
    part = "test" if story.part == "test" else "validation"
    return (
        make_environment()
        .get_template("report.html.j2")
        .render(
            story=story,
            style=Markup(style),
            script=Markup(script),
            policy=compose_policy(style, script, sounds=story.rate is not None),
            figures=sum_up(story.scored),
            shown=show_outcome(story),
            persistence=describe_persistence(story),
            effort=sum_effort(story),
            curves=draw_curves(story.history, story.merit),
            matrix=None if counts is None else draw_matrix(counts, story.classes),
            pairs=() if counts is None else rank_pairs(counts),
            counted=len(story.classes) <= COUNTED,
            rows=rows,
            weakest=_choose_weakest(rows) if len(rows) > COUNTED else (),
            confidence=assess_confidence(story),
            mistakes=draw_mistakes(story),
            imbalance=None if uneven is None else draw_imbalance(uneven, story.classes),
            imbalance_text=None if uneven is None else describe_imbalance(uneven, story),
            twins=None if found is None else draw_twins(story, found),
            twins_text=None if found is None else describe_twins(found, part, explain_exact(story)),
            twins_rule=None if found is None else explain_twins(found),
            twins_shown=0 if found is None else min(MOST, len(found.pairs)),
            kernels=None if story.kernels is None else draw_kernels(story.kernels),
            kernels_caption=None if story.kernels is None else describe_kernels(story.kernels),
            settings=numerals.flatten_settings(story.settings),
        )
    )


def _choose_weakest(rows: tuple[ClassRow, ...]) -> tuple[ClassRow, ...]:
    known = [row for row in rows if row.support]
    return tuple(sorted(known, key=lambda row: row.f1)[:WEAKEST])
