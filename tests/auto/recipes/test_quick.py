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
def test_the_first_cycle_ends_with_the_epoch_that_has_its_400th_step(subject: Make, samples: int) -> None:
    recipe = follow(subject(train_samples=samples))
    check_recipe(recipe)
    first = recipe.epochs // (2**recipe.cycles - 1)
    assert first * (2**recipe.cycles - 1) == recipe.epochs
    assert find_cycle(first / recipe.epochs, recipe.cycles)[0] == 1
    per_epoch = max(1, samples // recipe.batch)
    assert first * per_epoch >= 400
    assert first == 1 or (first - 1) * per_epoch < 400


def test_it_can_go_on_for_longer_than_the_default(subject: Make) -> None:
    given_subject = subject(train_samples=55_000)
    recipe = follow(given_subject)
    assert (recipe.batch, recipe.lr, recipe.nudge, recipe.unsure) == (256, 0.4, 1, 0.95)
    assert follow(subject(extents=(400,))).nudge == 0
    assert recipe.epochs > 2 * given_subject.base.epochs


def test_without_batch_norms_the_rate_stays(subject: Make) -> None:
    assert follow(subject(Layers(batch_norms=False))).lr == 0.1
    assert follow(subject(trained=True)).lr == 0.1
