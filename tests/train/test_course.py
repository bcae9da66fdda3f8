"""Where a run stands: what is judged and when, and that going back leads to the very state that was kept."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import torch
from tests.train.whole import RECIPE, MakeNet
from torch import Tensor

from striate.engine import Engine
from striate.errors import RunError
from striate.train import Recipe, RunFolder
from striate.train.batches import Samples
from striate.train.course import Course
from striate.train.learner import Learner
from striate.train.origin import describe_origin
from striate.train.recovery import BrokenDown
from striate.train.schedule import Length

BATCH, LABELS = torch.randn(32, 1, 8, 8, generator=torch.Generator().manual_seed(0)), torch.arange(32) % 10
SAMPLES = Samples(BATCH, LABELS)


def make_course(make_net: MakeNet, folder: RunFolder | None = None, steps: int = 12, recipe: Recipe = RECIPE) -> Course:
    learner = Learner(make_net(), recipe, Engine())
    return Course(learner, Length(4, steps), describe_origin(recipe, Engine(), SAMPLES), folder, outputs=10)


def walk(course: Course, steps: int, loss: float | None = None) -> None:
    """Take some steps, of which each is counted with its own loss or with the one that is given."""
    for _ in range(steps):
        taken = course.learner.learn(BATCH, LABELS, course.step, 0.05)
        assert taken is not None
        course.lr = 0.05
        course.count(taken[0] if loss is None else torch.tensor(loss), taken[1], len(BATCH))


def copy(course: Course) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in course.learner.tensors().items()}


def assert_same(one: dict[str, Tensor], other: dict[str, Tensor]) -> None:
    assert one.keys() == other.keys()
    assert all(torch.equal(value, other[name]) for name, value in one.items())


def test_steps_make_epochs_and_the_length_ends_it(make_net: MakeNet) -> None:
    course = make_course(make_net)
    course.begin(resume=False)
    epochs = []
    while not course.is_over:
        walk(course, 1)
        epochs.append(course.epoch)
    assert epochs == [1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3]
    other = make_course(make_net)
    other.reached = True
    assert other.is_over


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), 1e9])
@pytest.mark.parametrize("before", [0, 3])
def test_the_first_loss_without_sense_is_named_by_its_step_and_rate(
    make_net: MakeNet, loss: float, before: int
) -> None:
    course = make_course(make_net)
    walk(course, 2)
    course.judge()
    walk(course, before)
    walk(course, 1, loss)
    walk(course, 2)
    with pytest.raises(BrokenDown) as caught:
        course.judge()
    assert (caught.value.step, caught.value.lr) == (3 + before, 0.05)
    course.judge()  # what was judged once isn't judged again


def test_a_weight_that_overflowed_is_seen_though_no_loss_was(make_net: MakeNet) -> None:
    course = make_course(make_net)
    walk(course, 2)
    with torch.no_grad():
        next(course.learner.module.parameters()).view(-1)[0] = torch.inf
    course.judge()
    with pytest.raises(BrokenDown, match="a weight became infinite or nan"):
        course.check()


def test_going_back_is_to_the_bits_that_were_kept(make_net: MakeNet) -> None:
    course = make_course(make_net)
    course.begin(resume=False)
    assert course.good_step == 0
    walk(course, 4)
    course.history.append({"epoch": 1})
    course.keep_good(course.assess(BATCH, LABELS))
    kept = copy(course)
    walk(course, 3)
    course.history.append({"epoch": 2})
    course.finished = course.reached = True
    assert course.good_step == 4
    course.go_back()
    assert_same(kept, copy(course))
    assert (course.step, course.history, course.finished, course.reached) == (4, [{"epoch": 1}], False, False)
    walk(course, 2)
    course.go_back()
    assert_same(kept, copy(course))


def test_a_state_of_a_wild_loss_is_none_to_go_back_to(make_net: MakeNet) -> None:
    course = make_course(make_net)
    course.begin(resume=False)
    walk(course, 4)
    course.judge()
    course.keep_good(100.0)
    assert course.good_step == 0
    course.keep_good(1.0)
    assert course.good_step == 4


def test_weights_that_begin_broken_are_refused(make_net: MakeNet) -> None:
    course = make_course(make_net)
    with torch.no_grad():
        next(course.learner.module.parameters()).fill_(torch.nan)
    with pytest.raises(RunError, match="not finite before the first step"):
        course.begin(resume=False)


def test_a_saved_course_goes_on_where_it_stood_with_its_good_state_behind_it(make_net: MakeNet, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    course = make_course(make_net, folder)
    course.begin(resume=False)
    walk(course, 4)
    course.keep_good(course.assess(BATCH, LABELS))
    good = copy(course)
    course.save()
    walk(course, 2)
    course.judge()
    course.save()
    stood = copy(course)
    again = make_course(make_net, folder)
    assert again.begin(resume=True) == ()
    assert (again.step, again.good_step) == (6, 4)
    assert_same(stood, copy(again))
    assert again.watch.to_dict() == course.watch.to_dict()
    again.go_back()
    assert again.step == 4
    assert_same(good, copy(again))


def test_another_runs_folder_is_refused(make_net: MakeNet, tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    course = make_course(make_net, folder)
    course.begin(resume=False)
    walk(course, 1)
    course.save()
    with pytest.raises(RunError):
        make_course(make_net, folder).begin(resume=False)
    with pytest.raises(RunError):
        make_course(make_net, folder, recipe=replace(RECIPE, seed=1)).begin(resume=True)
