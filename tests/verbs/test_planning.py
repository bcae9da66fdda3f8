from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from tests.verbs.draw import TEXT, make_arrays, make_folder
from torch import nn

import striate
from striate.auto import Layers, choose_recipe
from striate.data import Dataset, load_dataset
from striate.engine import Engine
from striate.errors import InputError
from striate.train import Recipe
from striate.verbs.planning import (
    Plan,
    build_for_task,
    check_wishes,
    compose_settings,
    describe_sizes,
    introduce,
    make_plan,
)


@pytest.fixture
def dataset() -> Dataset:
    return load_dataset(make_arrays(60))


def plan_for(dataset: Dataset, text: str | None = TEXT, **wishes: Any) -> Plan:
    return make_plan(None if text is None else striate.read(text), dataset, 5, wishes)


def test_wishes_win_over_what_the_data_suggest(dataset: Dataset) -> None:
    free, bound = plan_for(dataset), plan_for(dataset, epochs=3, batch=6, lr=0.02, steps=None)
    assert (bound.recipe.epochs, bound.recipe.batch, bound.recipe.lr, bound.recipe.seed) == (3, 6, 0.02, 5)
    assert free.recipe != bound.recipe
    assert (free.recipe.mean, free.recipe.augment) == (bound.recipe.mean, bound.recipe.augment)


def test_a_network_is_designed_only_where_none_is_given(dataset: Dataset) -> None:
    designed, given = plan_for(dataset, None), plan_for(dataset)
    assert (designed.auto, given.auto) == (True, False)
    assert str(given.net) == str(striate.read(TEXT))
    assert len(designed.reasons) > len(given.reasons)
    assert build_for_task(designed, dataset)


@pytest.mark.parametrize("norm", ["bn", "gn groups=2", "ln", None])
@pytest.mark.parametrize("count", [1, 9])
def test_the_recipe_knows_the_depth_and_whether_there_is_normalisation(
    dataset: Dataset, norm: str | None, count: int
) -> None:
    step = f"conv3-4, {norm}, relu" if norm else "conv3-4, relu"
    plan = plan_for(dataset, f"[{step}]*{count}, gap, flatten, fc-classes")
    weighted = [part for part in build_for_task(plan, dataset).modules() if isinstance(part, nn.Conv2d | nn.Linear)]
    assert len(weighted) == count + 1
    layers = Layers(depth=len(weighted), normalised=norm is not None)
    chosen = choose_recipe(dataset.facts, layers, seed=5)
    assert (plan.recipe, plan.reasons) == (chosen.recipe, chosen.reasons)


def test_a_deep_network_without_normalisation_takes_shorter_steps(dataset: Dataset) -> None:
    tail = "gap, flatten, fc-classes"
    plain, normalised = (plan_for(dataset, f"[conv3-4, {norm}relu]*9, {tail}") for norm in ("", "bn, "))
    assert plain.recipe.lr < normalised.recipe.lr


def test_the_module_is_the_one_that_build_gives(dataset: Dataset) -> None:
    built = striate.build(TEXT, input=(1, 10, 10), classes=3, seed=5).state_dict()
    ours = build_for_task(plan_for(dataset), dataset).state_dict()
    assert built.keys() == ours.keys()
    assert all((built[name] == ours[name]).all() for name in built)


@pytest.mark.parametrize(
    "text", ["conv3-classes", "flatten, fc-4", "flatten, fc-classes, softmax", "conv3-classes, gap"]
)
def test_what_is_no_classifier_is_refused_with_a_way_out(dataset: Dataset, text: str) -> None:
    with pytest.raises(InputError, match=r"needed .*(End with|Leave it out)"):
        build_for_task(plan_for(dataset, text), dataset)


def test_wishes_that_cannot_be_met_are_refused(dataset: Dataset) -> None:
    check_wishes(plan_for(dataset), dataset, 1.0)
    with pytest.raises(InputError, match="batch"):
        check_wishes(plan_for(dataset, batch=0), dataset, None)
    with pytest.raises(InputError, match="until"):
        check_wishes(plan_for(dataset), dataset, -0.1)
    few = load_dataset(make_arrays(4))
    check_wishes(plan_for(few), few, None)
    with pytest.raises(InputError, match="no validation part"):
        check_wishes(plan_for(few), few, 0.5)


def test_the_introduction_names_what_was_set_aside(tmp_path: Path) -> None:
    data = make_folder(tmp_path / "photos", {"coal": 6, "slate": 6})
    (data / "slate" / "torn.png").write_bytes(b"torn")
    dataset = load_dataset(data)
    lines = introduce(dataset, plan_for(dataset))
    assert any("1 files set aside" in line and "slate/torn.png" in line for line in lines)


def test_settings_go_through_json_and_make_the_plan_again(dataset: Dataset) -> None:
    plan, engine = plan_for(dataset, epochs=2), Engine(memory_format="channels_last", threads=3)
    settings = json.loads(json.dumps(compose_settings(dataset, plan, engine, {"a": 0.5}, 0.9), allow_nan=False))
    assert Recipe.from_dict(settings["recipe"]) == plan.recipe
    assert Engine.from_dict(settings["engine"]) == engine
    assert (settings["seed"], settings["until"], settings["probe_seconds"]) == (5, 0.9, {"a": 0.5})
    assert settings["reasons"] == list(plan.reasons)


def test_samples_that_were_brought_to_one_size_are_said_to_be() -> None:
    facts = load_dataset("digits").facts
    assert describe_sizes(facts) == ()
    (told,) = describe_sizes(replace(facts, smallest=(5, 9), largest=(20, 30)))
    assert "5x9 to 20x30 brought to 8x8" in told
    (told,) = describe_sizes(replace(facts, smallest=(64, 64), largest=(64, 64)))
    assert told.startswith("samples of 64x64 brought to 8x8")


def test_a_recipe_may_be_named(dataset: Dataset) -> None:
    plan = make_plan(striate.read(TEXT), dataset, 5, {}, "fast")
    assert plan.recipe.lookahead.every == 5
    assert Recipe.from_dict(json.loads(json.dumps(plan.recipe.to_dict()))) == plan.recipe
    with pytest.raises(InputError, match="--recipe is 'slow'"):
        make_plan(striate.read(TEXT), dataset, 5, {}, "slow")


def test_a_goal_chooses_a_small_network_and_restarts_only_for_auto() -> None:
    pictures = load_dataset(make_arrays(60, side=24))
    plain, goal = make_plan(None, pictures, 5, {}), make_plan(None, pictures, 5, {}, until=0.9)
    assert plain.recipe.schedule == "one-cycle"
    assert goal.recipe.schedule == "restarts"
    assert plain.net.text != goal.net.text
    assert build_for_task(goal, pictures)
    assert make_plan(striate.read(TEXT), pictures, 5, {}, until=0.9).recipe == plan_for(pictures).recipe
