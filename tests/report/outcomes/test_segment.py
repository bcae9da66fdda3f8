"""A segmentation on the page: its figures, and samples from worst to best."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np
import torch

from striate.report.numerals import write_percent
from striate.report.outcome import Example, Outcome
from striate.report.outcomes.segment import show_segmentation
from striate.report.page import render_report
from striate.report.story import Story
from striate.train import Recipe
from striate.train.tasks.segment import Segment

RECIPE = Recipe(epochs=1, mean=(0.0,), std=(1.0,))


def make_story(tell: Callable[..., Story], samples: int = 30, classes: int = 3) -> tuple[Story, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(5)
    truth = rng.integers(0, classes, (samples, 8, 8), np.uint8)
    scores = torch.from_numpy(rng.normal(size=(samples, classes, 8, 8)))
    for place in range(samples):  # the later, the better
        right = torch.nn.functional.one_hot(torch.from_numpy(truth[place].astype(np.int64)), classes)
        scores[place] += 4 * place / samples * right.movedim(2, 0)
    task, targets = Segment(), torch.from_numpy(truth)
    kept = task.keep(scores, targets, scores, RECIPE).numpy()
    answers = task.answer(task.condense(scores).numpy(), RECIPE)
    inputs = rng.integers(0, 256, (samples, 1, 8, 8), np.uint8)
    examples = tuple(Example(n, inputs[n], answers[n], truth[n]) for n in task.choose_examples(kept))
    outcome = Outcome("segment", task.merit, task.judge(kept, truth, RECIPE), kept, truth, examples)
    names = ("background", "<cat>", *(f"class {n}" for n in range(2, classes)))
    story = tell(samples, classes, classes=names, inputs=inputs, test=None, outcome=outcome)
    return story, answers, truth


def test_the_figures_are_those_of_the_cells(tell: Callable[..., Story]) -> None:
    story, answers, truth = make_story(tell)
    shown = show_segmentation(story)
    ious = [((answers == k) & (truth == k)).sum() / ((answers == k) | (truth == k)).sum() for k in range(3)]
    assert shown.figure == write_percent(float(np.mean(ious)))
    body = {section.anchor: section.body for section in shown.sections}
    for iou in ious:
        assert write_percent(float(iou)) in body["classes"]
    cells = [[int(((truth == t) & (answers == p)).sum()) for p in range(3)] for t in range(3)]
    written = re.findall(r'<td class="(?:right|wrong)-\d+">(\d+)</td>', body["confusion"])
    assert [int(each) for each in written] == [round(100 * n / sum(row)) for row in cells for n in row]
    most = np.bincount(truth.reshape(-1), minlength=3)
    assert f"would have {write_percent(float(most.max() / truth.size / 3))}" in shown.baseline


def test_samples_go_from_worst_to_best(tell: Callable[..., Story]) -> None:
    story, _, _ = make_story(tell)
    (samples,) = [section.body for section in show_segmentation(story).sections if section.anchor == "samples"]
    overlaps = [float(each) for each in re.findall(r"mean IoU ([\d.]+)\s%", samples)]
    assert len(overlaps) == 12
    assert overlaps == sorted(overlaps)
    assert samples.count("<figure>") == 4 * 12
    assert "&lt;cat&gt;" in samples
    assert "<cat>" not in samples
    assert 'class="swatch"' in samples


def test_the_page_holds_it_all(tell: Callable[..., Story]) -> None:
    for classes in (2, 25):
        story, _, _ = make_story(tell, 6, classes)
        page = render_report(story)
        assert "mean IoU on the" in page
        assert 'id="samples"' in page
        assert "style=" not in page  # which the page's own policy forbids


def test_nothing_judged_is_said(tell: Callable[..., Story]) -> None:
    task, truth = Segment(), np.full((4, 8, 8), 255, np.uint8)
    kept = task.keep(torch.zeros(4, 2, 8, 8), torch.from_numpy(truth), torch.zeros(1), RECIPE).numpy()
    outcome = Outcome("segment", task.merit, task.judge(kept, truth, RECIPE), kept, truth)
    inputs = np.zeros((4, 1, 8, 8), np.uint8)
    story = tell(4, 2, classes=("a", "b"), inputs=inputs, test=None, outcome=outcome)
    assert "No cell of these samples is judged" in render_report(story)
