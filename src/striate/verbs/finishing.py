"""A run brought to its end, from its beginning or from where it was left: training, score, report."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from typing import TYPE_CHECKING

from striate.nets import Net
from striate.verbs.findings import describe_findings, expect_search, plan_search
from striate.verbs.ranks import way_shown
from striate.verbs.reporting import conclude, score_along, tell_story
from striate.verbs.runs import RESULT, Run, read_net, read_settings, restore_engine

if TYPE_CHECKING:
    from torch import nn

    from striate.data import Dataset
    from striate.train import Progress, RunFolder
    from striate.train.closing import Surroundings

Say = Callable[[str], None]
REPORT_SECONDS = 1.5  # what a report takes to draw, about


def finish(
    folder: RunFolder,
    net: Net,
    module: nn.Module,
    dataset: Dataset,
    on_progress: Callable[[Progress], None] | None,
    say: Say | None,
    began: float,
    *,
    resume: bool,
) -> Run:
    """Train and report under the folder's lock, which rank 0 takes for all."""
    from striate.report import write_report
    from striate.train import Recipe, fit
    from striate.train.ranks import find_ranks
    from striate.train.tasks import restore_task

    ranks = find_ranks()
    settings = ranks.tell(read_settings(folder) if ranks.is_first else {})
    recipe, engine = Recipe.from_dict(settings["recipe"]), restore_engine(settings)
    validate = (dataset.val.inputs, dataset.val.labels) if dataset.val is not None and len(dataset.val) else None
    with folder.writing() if ranks.is_first else nullcontext(), way_shown(folder.path):
        history = fit(
            module,
            dataset.train.inputs,
            dataset.train.labels,
            recipe,
            engine,
            validate=validate,
            folder=folder,
            until=settings["until"],
            resume=resume,
            on_progress=on_progress,
            names=dataset.train.names,
            parts=settings.get("parts", 1),
            around=_look_around(dataset, began, recipe.minutes),
            task=restore_task(settings.get("task", {"name": "classify"})),
        )
        net = read_net(folder) if ranks.is_first else net
        run = Run(folder.path, net, module.eval(), dataset.classes, history, settings)
        if not ranks.is_first:
            score_along(run, dataset)
            return run
        story = tell_story(run, dataset, plan_search(run))
        for line in describe_findings(story):
            if say:
                say(line)
        result = conclude(run, story)
        if result is not None:
            folder.write_json(RESULT, result.to_dict())
        write_report(story, folder.path / "report.html")
    return replace(run, result=result)


def _look_around(dataset: Dataset, began: float, minutes: float | None) -> Surroundings:
    """What a length in minutes has to leave over: what has gone since the command began, scoring and the report."""
    from striate.train.closing import Surroundings

    scored = dataset.test if dataset.test is not None else dataset.val
    count = len(scored) if scored is not None else 0
    seconds = REPORT_SECONDS + expect_search(len(dataset.train), count, 60 * (minutes or 0))
    return Surroundings(time.monotonic() - began, count, seconds)
