"""One clip, whichever way it is stored: its header, its files, and its frames against frames taken by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.data.moving import draw_moving, write_frames, write_gif, write_video

from striate.data import clip as clip_module
from striate.data.clip import GREY_SPREAD, decode_clip, read_clip_header, read_contents
from striate.data.folder import Folder
from striate.data.frames import Sampling
from striate.data.numbered import Clips
from striate.data.store import Bundle, Entry


def open_one(folder: Path) -> tuple[Clips, Entry]:
    store = Clips(Folder(folder), known=True)
    (entry,) = store.entries
    return store, entry


@pytest.mark.parametrize(
    ("stored", "seconds"),
    [("animation", 7 * 0.05), ("numbered", None), ("video", 7 / 25)],
    ids=lambda value: str(value),
)
def test_a_header_says_how_long_and_how_large(tmp_path: Path, stored: str, seconds: float | None) -> None:
    drawn = draw_moving(7, side=32)[:, :, :24]
    if stored == "animation":
        write_gif(tmp_path / "x.gif", drawn, 50)
    elif stored == "numbered":
        write_frames(tmp_path / "x", drawn)
    else:
        write_video(tmp_path / "x.mp4", drawn)
    found = read_clip_header(*open_one(tmp_path))
    assert (found.height, found.width, found.stored, found.span.frames) == (32, 24, stored, 7)
    assert found.span.seconds == (None if seconds is None else pytest.approx(seconds, abs=1e-3))


def test_contents_are_the_files_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    folder = write_frames(tmp_path / "x", draw_moving(12))
    store, entry = open_one(tmp_path)
    assert read_contents(store, entry) == [(folder / f"{number}.png").read_bytes() for number in range(1, 13)]
    whole = Folder(folder)
    first = whole.entries[0]
    assert read_contents(whole, first) == [Path(first.key).read_bytes()]


@pytest.mark.parametrize("bundled", [False, True])
def test_a_file_that_is_empty_or_too_large_ends_the_clip(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bundled: bool
) -> None:
    monkeypatch.setattr(clip_module, "MOST_BYTES", 10)
    for name, content in (("1", b"0123456789"), ("2", b""), ("3", b"01234567890")):
        (tmp_path / name).write_bytes(content)
    store = Folder(tmp_path)
    fits, empty, large = sorted(store.entries, key=lambda entry: entry.name)

    def read(entry: Entry) -> list[bytes]:
        return read_contents(store, Bundle("x", 0, 0, None, 0, (fits, entry)) if bundled else entry)

    assert read(fits)[-1] == b"0123456789"
    with pytest.raises(OSError, match="an empty file"):
        read(empty)
    with pytest.raises(OSError, match="more than 10 bytes"):
        read(large)


@pytest.mark.parametrize("length", [3, 6, 9])
def test_frames_are_those_at_the_middles_of_the_steps(tmp_path: Path, length: int) -> None:
    """Numbered pictures are lossless, and at their own size nothing is scaled: each must be there to the bit."""
    drawn = draw_moving(6, colour=(250, 30, 90))
    write_frames(tmp_path / "x", drawn)
    store, entry = open_one(tmp_path)
    header, contents = read_clip_header(store, entry), read_contents(store, entry)
    clip, coloured = decode_clip(contents, header, Sampling(rate=1.0, length=length, undated=1.0), (32, 32))
    assert clip.shape == (3, length, 32, 32)
    assert coloured
    start = max(0, (6 - length) / 2)
    for place in range(length):
        source = min(5, int(start + place + 0.5))  # the frame that is shown at the middle of the step
        assert np.array_equal(clip[:, place].transpose(1, 2, 0), drawn[source])


def test_every_second_frame_at_half_the_rate(tmp_path: Path) -> None:
    drawn = draw_moving(8)
    write_frames(tmp_path / "x", drawn)
    store, entry = open_one(tmp_path)
    sampling = Sampling(rate=0.5, length=4, undated=1.0)
    clip, _ = decode_clip(read_contents(store, entry), read_clip_header(store, entry), sampling, (32, 32))
    assert np.array_equal(clip.transpose(1, 2, 3, 0), drawn[1::2])


@pytest.mark.parametrize(("spread", "coloured"), [(0, False), (GREY_SPREAD, False), (GREY_SPREAD + 1, True)])
def test_a_little_colour_is_none(tmp_path: Path, spread: int, coloured: bool) -> None:
    frames = np.full((4, 8, 8, 3), 100, np.uint8)
    frames[1, 3, 5, 2] = 100 + spread  # one channel of one cell of one frame
    write_frames(tmp_path / "x", frames)
    store, entry = open_one(tmp_path)
    header, sampling = read_clip_header(store, entry), Sampling(1.0, 4, 1.0)
    assert decode_clip(read_contents(store, entry), header, sampling, (8, 8))[1] is coloured


def test_numbered_pictures_that_lie_between_moments_may_be_damaged(tmp_path: Path) -> None:
    """Only what is looked at is decoded: a broken picture in between costs nothing."""
    drawn = draw_moving(6)
    folder = write_frames(tmp_path / "x", drawn)
    store, entry = open_one(tmp_path)
    header = read_clip_header(store, entry)
    (folder / "3.png").write_bytes(b"torn")
    contents = read_contents(store, entry)
    clip, _ = decode_clip(contents, header, Sampling(0.5, 3, 1.0), (32, 32))
    assert np.array_equal(clip.transpose(1, 2, 3, 0), drawn[1::2])
    with pytest.raises(OSError, match="cannot identify"):
        decode_clip(contents, header, Sampling(1.0, 6, 1.0), (32, 32))


def test_frames_are_scaled_to_cover_and_cut_to_the_centre(tmp_path: Path) -> None:
    wide = draw_moving(2, side=40)[:, :20]
    write_gif(tmp_path / "x.gif", wide, 1000)
    store, entry = open_one(tmp_path)
    found, _ = decode_clip(read_contents(store, entry), read_clip_header(store, entry), Sampling(1.0, 2, 1.0), (10, 10))
    for place in range(2):
        centre = Image.fromarray(wide[place][:, 10:30]).resize((10, 10), Image.Resampling.BICUBIC)
        assert np.abs(found[:, place].transpose(1, 2, 0).astype(int) - np.asarray(centre)).max() <= 2
