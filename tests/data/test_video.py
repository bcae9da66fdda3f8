"""Videos written by PyAV and read back: length, times, and what is refused."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from tests.data.moving import draw_moving, write_video

from striate.data.video import can_read_video, iterate_video, read_video_span

KINDS = [("a.mp4", "mpeg4"), ("a.avi", "mjpeg"), ("a.mkv", "ffv1"), ("a.webm", "libvpx-vp9"), ("b.mp4", "libx264")]


def _write(path: Path, codec: str, frames: int = 20) -> Path:
    av = pytest.importorskip("av", reason="PyAV (the extra `video`) isn't installed")
    if codec not in av.codecs_available:
        pytest.skip(f"this PyAV has no {codec}")
    return write_video(path, draw_moving(frames), codec=codec)


@pytest.mark.parametrize(("name", "codec"), KINDS)
def test_every_frame_comes_back_in_its_order_and_time(tmp_path: Path, name: str, codec: str) -> None:
    path, clip = _write(tmp_path / name, codec), draw_moving(20)
    with path.open("rb") as stream:
        span = read_video_span(stream)
    assert span.frames == 20
    assert span.seconds == pytest.approx(0.8, abs=0.002)
    with path.open("rb") as stream:
        found = list(iterate_video(stream))
    assert [start for start, _ in found] == pytest.approx([number / 25 for number in range(20)], abs=0.001)
    for (_, pixels), frame in zip(found, clip, strict=True):
        assert np.abs(pixels.astype(int) - frame).mean() < 12  # lossy


def test_a_jump_finds_the_frames_that_a_whole_reading_finds(tmp_path: Path) -> None:
    path = _write(tmp_path / "long.mp4", "mpeg4", frames=120)
    content = path.read_bytes()
    whole = {round(start, 3): pixels for start, pixels in iterate_video(io.BytesIO(content))}
    jumped = list(iterate_video(io.BytesIO(content), begin=4.0))
    assert len(jumped) < len(whole)
    assert jumped[1][0] <= 4.0
    assert max(start for start, _ in jumped) == pytest.approx(119 / 25, abs=1e-3)
    for start, pixels in jumped:
        assert np.array_equal(pixels, whole[round(start, 3)])


@pytest.mark.parametrize(("name", "codec"), [("a.mp4", "mpeg4"), ("a.mkv", "ffv1"), ("a.avi", "mjpeg")])
def test_a_file_that_was_cut_off_is_refused(tmp_path: Path, name: str, codec: str) -> None:
    content = _write(tmp_path / name, codec).read_bytes()
    with pytest.raises(Exception, match=r"cut off|[Ii]nvalid|no frame|[Ee]nd of file"):
        read_video_span(io.BytesIO(content[: len(content) // 2]))


def test_a_playlist_that_calls_itself_a_video_opens_no_other_file(tmp_path: Path) -> None:
    inner = _write(tmp_path / "inner.mp4", "mpeg4")
    text = f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{inner}\n#EXT-X-ENDLIST\n"
    for content in (text, f"ffconcat version 1.0\nfile {inner}\n"):
        with pytest.raises(Exception, match=r"[Ii]nvalid"):
            read_video_span(io.BytesIO(content.encode()))


@pytest.mark.parametrize(("degrees", "corner"), [(0, (0, 0)), (90, (1, 0)), (180, (1, 1)), (-90, (0, 1))])
def test_a_phones_rotation_is_undone(degrees: int, corner: tuple[int, int]) -> None:
    """The corner that is bright at the upper left in the file stands where a player shows it (counter-clockwise)."""
    av = pytest.importorskip("av", reason="PyAV (the extra `video`) isn't installed")
    pixels, buffer = np.zeros((32, 48, 3), np.uint8), io.BytesIO()
    pixels[:8, :12] = 255
    with av.open(buffer, "w", format="mp4") as container:
        stream = container.add_stream("mpeg4", rate=25)
        if not hasattr(stream, "set_display_rotation"):
            pytest.skip("this PyAV writes no rotation")
        stream.width, stream.height, stream.pix_fmt = 48, 32, "yuv420p"
        stream.set_display_rotation(degrees)
        container.mux(stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")))
        container.mux(stream.encode())
    shown = next(iterate_video(io.BytesIO(buffer.getvalue())))[1]
    assert shown.shape == ((48, 32, 3) if degrees in (90, -90) else (32, 48, 3))
    corners = {(y, x): int(shown[-y, -x].mean()) for y in (0, 1) for x in (0, 1)}
    assert max(corners, key=lambda place: corners[place]) == corner


def test_sound_alone_is_no_video(tmp_path: Path) -> None:
    av = pytest.importorskip("av", reason="PyAV (the extra `video`) isn't installed")
    path = tmp_path / "sound.mp4"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("aac", rate=8000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 1024), np.float32), format="fltp", layout="mono")
        frame.sample_rate = 8000
        container.mux(stream.encode(frame))
        container.mux(stream.encode())
    with pytest.raises(ValueError, match="only sound"), path.open("rb") as opened:
        read_video_span(opened)


def test_whether_pyav_is_there_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "av", None)
    assert not can_read_video()
