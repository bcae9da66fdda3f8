"""The chosen recipe follows the data's facts."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.auto.recipe import choose_batch, choose_epochs, choose_recipe
from striate.auto.recipes import RECIPES, Layers
from striate.data import Facts
from striate.errors import InputError
from striate.nets import Trained
from striate.train import Augment, check_recipe

PICTURES = Facts(
    kind="images",
    samples=1000,
    train_samples=720,
    classes=("cat", "dog"),
    counts=(500, 500),
    channels=3,
    extents=(64, 64),
    smallest=(64, 64),
    largest=(64, 64),
    grey=False,
    mean=(0.5, 0.4, 0.3),
    std=(0.2, 0.2, 0.2),
)


def test_pictures_are_mirrored_and_predicted_with_their_mirror_image() -> None:
    recipe = choose_recipe(PICTURES).recipe
    assert recipe.augment.flip
    assert recipe.mirror


def test_digits_are_turned_but_never_mirrored() -> None:
    plan = choose_recipe(replace(PICTURES, classes=("3", "8")))
    assert not plan.recipe.augment.flip
    assert not plan.recipe.mirror
    assert plan.recipe.augment.rotate > 0
    assert any("mirror" in reason for reason in plan.reasons)


def test_arrays_of_unknown_meaning_are_left_as_they_are() -> None:
    facts = replace(PICTURES, kind="arrays", channels=1, extents=(500,), mean=(0.5,), std=(0.1,))
    augment = choose_recipe(facts).recipe.augment
    assert augment == Augment()


def test_deep_networks_without_normalisation_take_shorter_steps() -> None:
    deep = choose_recipe(PICTURES, Layers(normalised=False, depth=11))
    assert deep.recipe.lr < choose_recipe(PICTURES, Layers(depth=11)).recipe.lr
    assert choose_recipe(PICTURES, Layers(normalised=False, depth=3)).recipe.lr == choose_recipe(PICTURES).recipe.lr
    assert any("11 layers without normalisation" in reason for reason in deep.reasons)


def test_a_last_layer_of_many_inputs_takes_shorter_steps() -> None:
    few = choose_recipe(PICTURES, Layers(normalised=False, depth=2, features=400)).recipe.lr
    many = choose_recipe(PICTURES, Layers(normalised=False, depth=2, features=4000)).recipe.lr
    assert few == choose_recipe(PICTURES).recipe.lr > 5 * many
    assert choose_recipe(PICTURES, Layers(depth=2, features=4000)).recipe.lr == few


def test_wishes_are_taken_as_they_are_and_said_to_be_so() -> None:
    plan = choose_recipe(PICTURES, wishes={"epochs": 3, "lr": 0.7, "steps": None})
    assert (plan.recipe.epochs, plan.recipe.lr, plan.recipe.steps) == (3, 0.7, None)
    assert sum("as asked" in reason for reason in plan.reasons) == 2
    assert not any("as asked" in reason for reason in choose_recipe(PICTURES).reasons)


def test_trained_weights_keep_their_normalisation_and_are_changed_little() -> None:
    trained = Trained("timm's net.tag", (0.1, 0.2, 0.3), (0.4, 0.5, 0.6))
    plan, plain = choose_recipe(PICTURES, Layers(normalised=False, depth=20), trained=trained), choose_recipe(PICTURES)
    assert (plan.recipe.mean, plan.recipe.std) == (trained.mean, trained.std)
    assert plan.recipe.lr < plain.recipe.lr
    assert replace(plan.recipe, mean=PICTURES.mean, std=PICTURES.std, lr=plain.recipe.lr) == plain.recipe
    said = [reason for reason in plan.reasons if "timm's net.tag" in reason or "0.4, 0.5, 0.6" in reason]
    assert len(said) == 2
    assert choose_recipe(PICTURES, trained=trained, wishes={"lr": 0.3}).recipe.lr == 0.3


def test_a_channel_that_never_changes_is_not_divided_by_zero() -> None:
    check_recipe(choose_recipe(replace(PICTURES, std=(0.0, 0.2, 0.2))).recipe, 3)


@given(st.integers(2, 10_000_000))
def test_length_and_batch_are_sane_for_any_number_of_samples(samples: int) -> None:
    batch, facts = choose_batch(samples), replace(PICTURES, train_samples=samples)
    assert 2 <= batch <= 128
    assert 8 <= choose_epochs(samples, batch) <= 200
    check_recipe(choose_recipe(facts).recipe, 3)


@given(st.integers(2, 1_000_000), st.integers(2, 1_000_000))
def test_more_samples_are_never_seen_more_often(one: int, other: int) -> None:
    few, many = sorted((one, other))
    assert choose_epochs(few, 128) >= choose_epochs(many, 128)


def test_sound_is_seen_less_often_than_pictures_but_never_in_fewer_than_800_steps() -> None:
    sound = replace(PICTURES, kind="sound", channels=1, extents=(4000,), mean=(0.0,), std=(0.1,), rate=8000)
    for samples in (100, 2430, 20_000, 1_000_000):
        heard = choose_recipe(replace(sound, train_samples=samples)).recipe
        seen = choose_recipe(replace(PICTURES, train_samples=samples)).recipe
        assert heard.epochs <= seen.epochs
        assert heard.epochs * samples >= 800 * heard.batch or heard.epochs == 200
    assert 3 * choose_recipe(replace(sound, train_samples=20_000)).recipe.epochs < 30


def test_without_a_name_it_is_the_default() -> None:
    assert choose_recipe(PICTURES) == choose_recipe(PICTURES, name="default")


@pytest.mark.parametrize("name", RECIPES)
def test_wishes_win_over_a_named_recipe(name: str) -> None:
    plan = choose_recipe(PICTURES, name=name, wishes={"lr": 0.7, "epochs": 3, "balance": "weights"})
    assert (plan.recipe.lr, plan.recipe.epochs, plan.recipe.steps, plan.recipe.cycles) == (0.7, 3, None, 1)
    assert plan.recipe.schedule != "restarts"
    assert [reason for reason in plan.reasons if "as asked" in reason] == [
        "lr 0.7, as asked",
        "3 epochs, as asked",
        "balance weights, as asked",
    ]


def test_a_name_that_no_recipe_has_is_refused() -> None:
    with pytest.raises(InputError, match=r"--recipe is 'slow', needed default, .* or quick"):
        choose_recipe(PICTURES, name="slow")
