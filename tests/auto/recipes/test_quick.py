from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from striate.auto.recipes import Layers, Subject
from striate.auto.recipes.quick import make_quick
from striate.train import Recipe, check_recipe
from striate.train.schedule import find_cycle

Make = Callable[..., Subject]


def follow(subject: Subject) -> Recipe:
    return replace(subject.base, **make_quick(subject).changes)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(2, 2_000_000))
def test_the_first_cycle_has_100_steps_and_each_next_twice_as_many(subject: Make, samples: int) -> None:
    recipe = follow(subject(train_samples=samples))
    check_recipe(recipe)
    assert recipe.steps is not None
    assert recipe.steps == sum(100 * 2**cycle for cycle in range(recipe.cycles))
    ends = [find_cycle(step / recipe.steps, recipe.cycles)[0] for step in (99, 100, 299, 300)]
    assert ends == [0, 1, 1, 2][: len(ends)] if recipe.cycles > 2 else ends[:2] == [0, 1]
    per_epoch = max(1, samples // recipe.batch)
    assert (recipe.epochs - 1) * per_epoch < recipe.steps <= recipe.epochs * per_epoch


def test_it_can_go_on_for_longer_than_the_default(subject: Make) -> None:
    given_subject = subject(train_samples=55_000)
    recipe = follow(given_subject)
    assert (recipe.batch, recipe.lr, recipe.nudge) == (512, 0.4, 1)
    assert follow(subject(extents=(400,))).nudge == 0
    assert recipe.epochs > 2 * given_subject.base.epochs


def test_filters_go_by_muon_where_there_are_batch_norms(subject: Make) -> None:
    recipe = follow(subject(Layers(filters=3)))
    assert [(group.of, group.optimizer) for group in recipe.groups] == [("filters", "muon")]
    assert round(recipe.lr * recipe.groups[0].lr, 6) == round(0.2 * recipe.batch / 512, 6)
    assert follow(subject(Layers(filters=0))).groups == ()


def test_without_batch_norms_the_rate_stays(subject: Make) -> None:
    assert follow(subject(Layers(batch_norms=False))).lr == 0.1
    assert follow(subject(trained=True)).lr == 0.1
