"""Many clips at once: what comes of them against a loop over all frames of each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tests.data.moving import Bytes, draw_moving, write_frames, write_gif, write_video

from striate.data import clips
from striate.data.clip import decode_clip, read_clip_header, read_contents
from striate.data.clips import decode_clips
from striate.data.folder import Folder
from striate.data.frames import Sampling
from striate.data.numbered import Clips
from striate.data.pool import Request
from striate.data.store import Entry
from striate.errors import DataError

GREY = (19595, 38470, 7471)


def open_clips(path: Path) -> Clips:
    return Clips(Folder(path), known=True)


def shrink_by_pillow(frame: Bytes, side: int) -> Bytes:
    """Each frame by itself through Pillow, whose bicubic is the same."""
    return np.asarray(Image.fromarray(frame).resize((side, side), Image.Resampling.BICUBIC))


@pytest.mark.parametrize("stored", ["frames", "gif"])
def test_clips_are_the_middle_frames_scaled_one_by_one(tmp_path: Path, stored: str) -> None:
    lengths = (8, 12, 5)
    for number, length in enumerate(lengths):
        clip = draw_moving(length, colour=(250, 30, 90))
        if stored == "gif":
            write_gif(tmp_path / "a" / f"{number}.gif", clip)
        else:
            write_frames(tmp_path / "a" / f"{number}", clip)
    store = open_clips(tmp_path)
    entries = sorted(store.entries, key=lambda entry: entry.name)
    rate = 25.0 if stored == "gif" else 1.0
    reading = {"rate": rate, "length": 8, "undated": rate}
    decoded = decode_clips(store, entries, Request(extents=(8, 16, 16), channels=3, reading=reading))
    assert decoded.inputs.shape == (3, 3, 8, 16, 16)
    for row, length in enumerate(lengths):
        clip = draw_moving(length, colour=(250, 30, 90))
        for place in range(8):
            source = min(place + max(0, (length - 8) // 2), length - 1)
            expected = shrink_by_pillow(clip[source], 16)
            assert np.abs(decoded.inputs[row, :, place].transpose(1, 2, 0).astype(int) - expected).max() <= 2
    assert decoded.about["longer"] == decoded.about["shorter"] == 1


def test_rate_length_and_size_are_chosen_from_the_clips(tmp_path: Path) -> None:
    for number in range(3):
        write_gif(tmp_path / "a" / f"{number}.gif", draw_moving(70, side=40), 20)
    decoded = decode_clips(open_clips(tmp_path), open_clips(tmp_path).entries, Request())
    assert decoded.inputs.shape == (3, 1, 23, 40, 40)
    assert decoded.about["rate"] == pytest.approx(50 / 3)
    assert (decoded.smallest, decoded.largest) == ((70, 40, 40), (70, 40, 40))


def test_a_grey_clip_has_one_channel_whichever_way_it_is_asked(tmp_path: Path) -> None:
    write_video(tmp_path / "a" / "1.mp4", draw_moving(6))
    write_gif(tmp_path / "a" / "2.gif", draw_moving(6))
    store = open_clips(tmp_path)
    chosen = decode_clips(store, store.entries, Request())
    forced = decode_clips(store, store.entries, Request(chosen.inputs.shape[2:], 1))
    assert chosen.inputs.shape[1] == 1
    assert np.array_equal(chosen.inputs, forced.inputs)
    assert np.array_equal(chosen.hashes, forced.hashes)
    assert np.array_equal(chosen.moments, forced.moments)


def test_colour_is_kept_where_one_clip_has_it(tmp_path: Path) -> None:
    write_gif(tmp_path / "a" / "1.gif", draw_moving(4))
    write_gif(tmp_path / "a" / "2.gif", draw_moving(4, colour=(200, 20, 20)))
    store = open_clips(tmp_path)
    found = decode_clips(store, store.entries, Request())
    assert found.inputs.shape[1] == 3
    red, green, blue = decode_clips(store, store.entries, Request(None, 3)).inputs[1].astype(np.uint32)
    luma = (red * GREY[0] + green * GREY[1] + blue * GREY[2] + 0x8000) >> 16
    assert np.array_equal(decode_clips(store, store.entries, Request(None, 1)).inputs[1, 0], luma)


def test_damaged_clips_are_named_and_the_others_read(tmp_path: Path) -> None:
    write_gif(tmp_path / "a" / "good.gif", draw_moving(5))
    content = write_gif(tmp_path / "a" / "torn.gif", draw_moving(5)).read_bytes()
    (tmp_path / "a" / "torn.gif").write_bytes(content[:40])
    (tmp_path / "a" / "empty.gif").write_bytes(b"")
    folder = write_frames(tmp_path / "a" / "frames", draw_moving(4))
    (folder / "3.png").write_bytes(b"no picture")
    video = write_video(tmp_path / "a" / "good.mp4", draw_moving(5)).read_bytes()
    (tmp_path / "a" / "torn.mp4").write_bytes(video[: len(video) // 2])
    store = open_clips(tmp_path)
    entries = sorted(store.entries, key=lambda entry: entry.name)
    decoded = decode_clips(store, entries, Request())
    kept = [entries[int(place)].name for place in decoded.kept]
    assert kept == ["a/good.gif", "a/good.mp4"]
    assert {each.name for each in decoded.set_aside} == {"a/torn.gif", "a/empty.gif", "a/frames", "a/torn.mp4"}
    assert all(each.reason for each in decoded.set_aside)
    assert len(decoded.inputs) == len(decoded.hashes) == 2


def test_a_long_video_is_read_from_a_key_frame_before_its_middle(tmp_path: Path) -> None:
    write_video(tmp_path / "a" / "long.mp4", draw_moving(200), rate=20)
    store = open_clips(tmp_path)
    header, contents = read_clip_header(store, store.entries[0]), read_contents(store, store.entries[0])
    sampling = Sampling(rate=20.0, length=6, undated=20.0)
    whole, _ = decode_clip(contents, header, Sampling(rate=20.0, length=200, undated=20.0), (32, 32))
    middle, coloured = decode_clip(contents, header, sampling, (32, 32))
    assert np.array_equal(middle, whole[:, 97:103])
    assert not coloured


def test_progress_is_heard_to_its_end(tmp_path: Path) -> None:
    for number in range(3):
        write_gif(tmp_path / "a" / f"{number}.gif", draw_moving(3))
    heard: list[tuple[int, int]] = []
    store = open_clips(tmp_path)
    decode_clips(store, store.entries, Request(report=lambda done, total: heard.append((done, total))))
    assert heard == [(step, 6) for step in range(1, 7)]


@pytest.mark.parametrize(
    ("request_", "message"),
    [(Request((8, 8)), "needed samples of 8x8"), (Request(None, 2), "needed samples of 2 channels")],
)
def test_what_clips_cannot_be_is_refused(tmp_path: Path, request_: Request, message: str) -> None:
    write_gif(tmp_path / "a" / "1.gif", draw_moving(3))
    with pytest.raises(DataError, match=message):
        decode_clips(open_clips(tmp_path), open_clips(tmp_path).entries, request_)


def test_the_missing_extra_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clips, "can_read_video", lambda: False)
    (tmp_path / "a.mp4").write_bytes(b"")
    with pytest.raises(DataError, match=r"^a\.mp4: is video, .* pip install 'striate\[video\]'\.$"):
        decode_clips(Folder(tmp_path), [Entry("a.mp4", 0, 0, tmp_path / "a.mp4")], Request())
    write_gif(tmp_path / "b.gif", draw_moving(3))
    assert len(decode_clips(open_clips(tmp_path), open_clips(tmp_path).entries[1:], Request()).inputs) == 1
