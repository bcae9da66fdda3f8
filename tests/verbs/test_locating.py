from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.verbs.draw import Finished
from tests.verbs.scene import MARGIN, NOTHING, TEST, TEXT, Bytes, Pasted, make_training, paste
from tests.verbs.test_sweeping import PADDED, VALID, draw
from tests.verbs.untrained import make_run

import striate
from striate.engine import Engine
from striate.errors import DataError, InputError, RunError
from striate.locate import Locations
from striate.verbs import locating, sweeping

GREY = make_run(VALID, (1, 12, 12))
COLOUR = make_run(VALID, (3, 12, 12))


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> striate.Run:
    """A run that knows digits, and what is none."""
    return striate.train(
        TEXT, make_training(), epochs=10, engine=Engine(), out=tmp_path_factory.mktemp("digits") / "run"
    )


@pytest.fixture(scope="module")
def known(digits: striate.Run) -> list[int]:
    """Digits of the test part that the run knows when they stand by themselves."""
    margins = ((0, 0), (0, 0), (MARGIN, MARGIN), (MARGIN, MARGIN))
    rows = striate.predict(digits, np.pad(TEST.inputs, margins))
    return [int(place) for place in np.flatnonzero(rows[np.arange(len(rows)), TEST.labels] > 0.85)]


def take(places: list[int], sizes: list[int]) -> list[tuple[Bytes, str, int]]:
    return [(TEST.inputs[n], str(TEST.labels[n]), size) for n, size in zip(places, sizes, strict=True)]


def match(found: Locations, pasted: list[Pasted]) -> list[list[Pasted]]:
    """For each place the digits that it is about."""
    return [[digit for digit in pasted if digit.is_at(place)] for place in found.places]


def test_digits_are_found_where_they_are_at_either_size(digits: striate.Run, known: list[int]) -> None:
    canvas, pasted = paste(take(known[:20], [8, 16] * 10))
    found = striate.locate(digits, canvas, background=[NOTHING])
    assert found.exact
    matched = match(found, pasted)
    seen = {digit for digits in matched for digit in digits}
    assert len(seen) >= 15
    assert sum(not digits for digits in matched) <= 3
    assert sum(digit.size == 8 for digit in seen) >= 7
    assert sum(digit.size == 16 for digit in seen) >= 6


def test_are_there_small_eights_in_it_and_where(digits: striate.Run, known: list[int]) -> None:
    eights = [place for place in known if TEST.labels[place] == 8][:4]
    others = [place for place in known if TEST.labels[place] != 8][:11]
    order = np.random.default_rng(0).permutation(15)
    mixed = take(eights + others, [8] * 4 + [8, 16] * 5 + [8])
    canvas, pasted = paste([mixed[place] for place in order])
    found = striate.locate(digits, canvas, background=[NOTHING], labels=["8"], scales=[1.0])
    matched = match(found, pasted)
    assert {place.label for place in found.places} == {"8"}
    assert sum(not digits for digits in matched) <= 1
    assert len({digit for digits in matched for digit in digits if digit.size == 8}) >= 3


def test_an_empty_canvas_holds_nothing(digits: striate.Run) -> None:
    assert striate.locate(digits, np.zeros((1, 40, 50), np.uint8), threshold=1e-6).places == ()


def test_sliding_and_cutting_out_find_the_same(digits: striate.Run, known: list[int]) -> None:
    canvas, _ = paste(take(known[:6], [8, 16] * 3), columns=3)
    dense = striate.locate(digits, canvas, dense=True, background=[NOTHING], scales=[1.0])
    crops = striate.locate(digits, canvas, dense=False, background=[NOTHING], scales=[1.0])
    assert (dense.exact, crops.exact) == (True, True)
    (one,), (other,) = dense.sweeps, crops.sweeps
    rows, columns = (np.searchsorted(a, b) for a, b in zip(other.starts, one.starts, strict=True))
    assert np.allclose(one.probabilities, other.probabilities[:, rows[:, None], columns], atol=1e-5)


def test_a_padded_network_is_asked_crop_by_crop_and_slides_only_where_it_is_told_to() -> None:
    run, values = make_run(PADDED, (1, 12, 12)), draw(1, (25, 30))
    assert striate.locate(run, values).exact
    found = striate.locate(run, values, dense=True)
    assert not found.exact
    assert "read past a crop's border" in found.why
    assert np.array_equal(found.values, values)
    assert found.classes == run.classes


def test_a_series_is_an_array() -> None:
    run = make_run(VALID, (2, 14))
    found = striate.locate(run, draw(2, (90,), np.float32), threshold=0.3)
    assert found.places
    assert all(len(place.start) == len(place.extents) == 1 for place in found.places)
    assert found.map_class("class0").shape == (90,)


def test_four_axes_will_do() -> None:
    run = make_run("conv2-4 pad=valid, relu, flatten, fc-classes", (1, 3, 3, 3, 3))
    found = striate.locate(run, draw(1, (4, 5, 6, 4)), threshold=0.3, overlap=0.9)
    assert len(found.sweeps) > 1
    assert all(len(place.start) == 4 for place in found.places)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_floats_are_the_bytes_over_255(dtype: Any) -> None:
    values = draw(1, (25, 30))
    one, other = striate.locate(GREY, values), striate.locate(GREY, (values / 255).astype(dtype))
    for left, right in zip(one.sweeps, other.sweeps, strict=True):
        assert np.allclose(left.probabilities, right.probabilities, atol=0.05)
    assert np.array_equal(values, draw(1, (25, 30)))


def save(name: str, pixels: Any, **options: Any) -> Path:
    Image.fromarray(pixels).save(name, **options)
    return Path(name)


def test_a_file_is_looked_at_in_its_own_size_and_the_runs_channels() -> None:
    grey, colour = draw(1, (25, 33))[0], np.moveaxis(draw(3, (25, 33)), 0, -1)
    assert np.array_equal(striate.locate(GREY, save("a.png", grey)).values, grey[None])
    assert np.array_equal(striate.locate(COLOUR, save("b.png", grey)).values, np.stack([grey] * 3))
    assert np.array_equal(striate.locate(COLOUR, save("c.png", colour)).values, np.moveaxis(colour, -1, 0))
    luma = np.asarray(Image.fromarray(colour).convert("L"))
    assert np.array_equal(striate.locate(GREY, str(save("d.png", colour))).values, luma[None])


def test_what_is_transparent_is_white() -> None:
    pixels = np.zeros((20, 30, 4), np.uint8)
    pixels[:, 15:, 3] = 255
    found = striate.locate(GREY, save("a.png", pixels))
    assert np.array_equal(found.values[0], np.where(pixels[..., 3] == 0, 255, 0))


def test_a_picture_is_turned_as_it_says() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    found = striate.locate(GREY, save("a.png", draw(1, (20, 30))[0], exif=exif))
    assert found.values.shape == (1, 30, 20)


def test_a_path_may_begin_at_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    save(str(tmp_path / "a.png"), draw(1, (20, 30))[0])
    assert striate.locate(GREY, "~/a.png").values.shape == (1, 20, 30)


def test_a_runs_folder_will_do(finished: Finished) -> None:
    found = striate.locate(finished.run.path, draw(1, (16, 18)))
    assert found.classes == finished.run.classes
    with pytest.raises(RunError, match="nosuch"):
        striate.locate("nosuch", draw(1, (16, 18)))


def test_files_that_are_no_pictures_are_named() -> None:
    Path("torn.png").write_bytes(b"torn")
    Path("empty.png").write_bytes(b"")
    Path("folder").mkdir()
    save("half.png", draw(1, (90, 90))[0])
    Path("half.png").write_bytes(Path("half.png").read_bytes()[:3000])
    for name in ("torn.png", "empty.png", "folder", "half.png", "nosuch.png"):
        with pytest.raises(DataError, match=rf"^{name}: .+, needed a picture\. Give another$"):
            striate.locate(GREY, name)


@pytest.mark.parametrize("input", [(1, 14), (2, 12, 12), (1, 6, 6, 6)])
def test_no_file_is_what_other_runs_take(input: tuple[int, ...]) -> None:
    path = save("a.png", draw(1, (20, 30))[0])
    with pytest.raises(InputError, match=r"a\.png: the run takes .*, which no picture is\. Give an array"):
        striate.locate(make_run("conv3-4, relu, gap, flatten, fc-classes", input), path)


WRONG_ARRAYS = [
    (np.zeros((3, 20, 30), np.uint8), "image: found 3x20x30, needed 1 channel x 2 extents"),
    (np.zeros((20, 30), np.uint8), "image: found 20x30, needed 1 channel x 2 extents"),
    (np.zeros((1, 1, 20, 30), np.uint8), "image: found 1x1x20x30, needed"),
    (np.zeros((1, 0, 30), np.uint8), "image: found 1x0x30, needed"),
    (np.uint8(3), "image: found a number, needed"),
    (np.zeros((1, 20, 30), np.int64), "image: found values of type int64, needed uint8, or floats from 0 to 1"),
    (np.zeros((1, 20, 30), bool), "image: found values of type bool, needed"),
    (np.full((1, 20, 30), 255.0), "image: found values from 255 to 255, needed bytes, or floats from 0 to 1"),
    (np.full((1, 20, 30), np.nan), "image: found values from nan to nan, needed"),
]


@pytest.mark.parametrize("dense", [True, False])
@pytest.mark.parametrize(("image", "message"), WRONG_ARRAYS)
def test_arrays_that_are_no_pictures_are_described(image: Any, message: str, dense: bool) -> None:
    with pytest.raises(DataError, match=message):
        striate.locate(GREY, image, dense=dense)


WRONG_WISHES: list[tuple[dict[str, Any], str]] = [
    ({"threshold": 0}, "threshold is 0, needed a number above 0 and up to 1"),
    ({"threshold": 1.01}, "threshold is 1.01, needed"),
    ({"threshold": float("nan")}, "threshold is nan, needed"),
    ({"overlap": 1}, "overlap is 1, needed a number from 0 and below 1"),
    ({"overlap": -0.1}, "overlap is -0.1, needed"),
    ({"scales": [1, 0]}, "scale is 0, needed a number above 0 and up to 64"),
    ({"scales": [-1]}, "scale is -1, needed"),
    ({"scales": [float("nan")]}, "scale is nan, needed"),
    ({"scales": [65]}, "scale is 65, needed"),
    ({"scales": []}, "scales: found none, needed at least one"),
    ({"labels": ["class0", "cat"]}, "untrained: found no class `cat`, needed one of class0, class1, class2, class3"),
    ({"labels": "class0"}, "labels: found the text 'class0', needed a list of classes"),
    ({"background": ["cat"]}, "untrained: found no class `cat`, needed one of"),
    ({"background": "class0"}, "background: found the text 'class0', needed a list of classes"),
]


@pytest.mark.parametrize(("wishes", "message"), WRONG_WISHES)
def test_wishes_that_cannot_be_met_are_said(wishes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        striate.locate(GREY, draw(1, (20, 30)), **wishes)


def test_scales_are_looked_at_once_each_from_the_smallest() -> None:
    found = striate.locate(GREY, draw(1, (20, 30)), scales=(2, 1, 2.0, 0.1))
    assert [sweep.scale for sweep in found.sweeps] == [1, 2]


def test_a_picture_smaller_than_the_window_is_enlarged() -> None:
    (sweep,) = striate.locate(GREY, draw(1, (5, 30))).sweeps
    assert sweep.scale == 12 / 5
    assert striate.locate(GREY, draw(1, (12, 12))).sweeps[0].filled.shape == (1, 1)
    with pytest.raises(InputError, match=r"found 5x30 at scales up to 2, .* 12x12\. Give a scale of at least 2.4"):
        striate.locate(GREY, draw(1, (5, 30)), scales=[1, 2])
    run = make_run(VALID, (1, 90, 90))
    with pytest.raises(InputError, match=r"image: found 1x30, needed .* window of 90x90\. Give a larger"):
        striate.locate(run, draw(1, (1, 30)))


@pytest.mark.parametrize(("limit", "most"), [("MOST_CROPS", 2000), ("MOST_ANSWERS", 8000), ("MOST_VALUES", 900)])
def test_what_is_too_much_is_left_out_or_refused_where_it_was_asked_for(
    limit: str, most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    values, dense = draw(1, (20, 40)), limit != "MOST_CROPS"
    whole = [sweep.scale for sweep in striate.locate(GREY, values, dense=dense).sweeps]
    monkeypatch.setattr(locating, limit, most if limit != "MOST_ANSWERS" else 2000)
    fewer = [sweep.scale for sweep in striate.locate(GREY, values, dense=dense).sweeps]
    assert fewer == whole[: len(fewer)]
    assert 1 <= len(fewer) < len(whole)
    with pytest.raises(InputError, match=f"Leave out scales from {whole[len(fewer)]:.2g}"):
        striate.locate(GREY, values, dense=dense, scales=whole)
    with pytest.raises(InputError, match=r"image: found .* Give a smaller scale, or a part of the picture"):
        striate.locate(GREY, values, dense=dense, scales=[8])


def test_a_huge_picture_slides_in_tiles(monkeypatch: pytest.MonkeyPatch) -> None:
    values = draw(1, (60, 80))
    whole = striate.locate(GREY, values, threshold=0.3)
    monkeypatch.setattr(sweeping, "TILE_CELLS", 300)
    tiled = striate.locate(GREY, values, threshold=0.3)
    assert [place.label for place in whole.places] == [place.label for place in tiled.places]
    assert len(whole.places) > 3


def test_the_threshold_is_lower_where_there_is_a_background() -> None:
    values = draw(1, (30, 40))
    strict, low = striate.locate(GREY, values), striate.locate(GREY, values, background=["class0"])
    assert all(place.probability >= 0.9 for place in strict.places)
    assert any(place.probability < 0.9 for place in low.places)
    assert all(place.probability >= 0.5 and place.label != "class0" for place in low.places)
    assert {place.label for place in striate.locate(GREY, values, labels=["class1"]).places} <= {"class1"}
