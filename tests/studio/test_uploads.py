"""Uploads: what is read is what is in the file, and hostile files end in a refusal, quickly and within their limits."""

from __future__ import annotations

import io
import pickle
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.studio.samples import (
    HOSTILE,
    PIXELS,
    lie,
    write_array,
    write_gif,
    write_link,
    write_picture,
    write_playlist,
    write_sound,
    write_swelling_archive,
    write_wav_header,
)

from striate.data import load_files
from striate.errors import DataError
from striate.studio import uploads as module
from striate.studio.refusal import Refused
from striate.studio.uploads import Upload, Uploads, find_ending


@pytest.fixture
def uploads() -> Iterator[Uploads]:
    found = Uploads()
    yield found
    found.close()


class Trap:
    """What a pickle would do when it is loaded."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def __reduce__(self) -> tuple[Callable[..., Any], tuple[Any, ...]]:
        return Path.write_text, (self.path, "sprung")


def test_a_picture_is_read_as_it_is(uploads: Uploads) -> None:
    found = uploads.keep(write_picture(PIXELS), "../a/Photo.PNG")
    assert (found.kind, found.shape, found.dtype) == ("image", (3, 5, 7), "uint8")
    assert np.array_equal(found.values, PIXELS.transpose(2, 0, 1))
    assert not found.values.flags.writeable
    assert found.describe() == {"kind": "image", "shape": [3, 5, 7], "dtype": "uint8", "rate": None}


def test_a_grey_picture_has_one_channel(uploads: Uploads) -> None:
    found = uploads.keep(write_picture(PIXELS[..., 0]), "a.png")
    assert np.array_equal(found.values, PIXELS[None, ..., 0])


def test_a_sound_keeps_its_rate_and_channels(uploads: Uploads) -> None:
    values = np.random.default_rng(1).uniform(-1, 1, (400, 2)).astype(np.float32)
    found = uploads.keep(write_sound(values, 8000), "a.wav")
    assert (found.kind, found.rate) == ("sound", 8000.0)
    assert np.array_equal(found.values, values.T)


def test_an_array_is_read_as_it_is(uploads: Uploads) -> None:
    values = np.random.default_rng(2).normal(size=(2, 3, 4))
    found = uploads.keep(write_array(values), "a.npy")
    assert (found.kind, found.dtype) == ("array", "float64")
    assert np.array_equal(found.values, values)


def test_a_text_is_its_bytes(uploads: Uploads) -> None:
    found = uploads.keep("schön und gut".encode(), "a.txt")
    assert found.kind == "text"
    assert bytes(found.values).decode() == "schön und gut"


def test_an_animation_is_a_clip(uploads: Uploads) -> None:
    frames = [Image.fromarray(np.full((4, 6, 3), value, np.uint8)) for value in (0, 90, 250)]
    stream = io.BytesIO()
    frames[0].save(stream, "gif", save_all=True, append_images=frames[1:], duration=100)
    found = uploads.keep(stream.getvalue(), "a.gif")
    assert (found.kind, found.shape) == ("clip", (3, 3, 4, 6))
    assert found.rate == pytest.approx(10)
    assert found.values[0, :, 0, 0].tolist() == pytest.approx([0, 90, 250], abs=3)


def test_a_run_reads_it_as_it_reads_its_own_files(uploads: Uploads, tmp_path: Path) -> None:
    content = write_picture(PIXELS)
    found = uploads.keep(content, "a.png")
    fitted = uploads.decode(found.path, {"extents": [4, 4], "channels": 1, "reading": None})
    (tmp_path / "a.png").write_bytes(content)
    expected = load_files([tmp_path / "a.png"], extents=(4, 4), channels=1)[0]
    assert np.array_equal(fitted.values, expected[0])


@pytest.mark.parametrize(("name", "status", "content"), HOSTILE, ids=[name.partition("\0")[0] for name, *_ in HOSTILE])
def test_what_is_too_much_is_refused(name: str, status: int, content: bytes, uploads: Uploads) -> None:
    with pytest.raises(Refused) as caught:
        uploads.keep(content, name)
    assert (caught.value.status, caught.value.name) == (status, "upload")


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("cut.png", write_picture(np.tile(PIXELS, (40, 40, 1)))[:900]),
        ("cut.jpg", write_picture(PIXELS, "jpeg")[:60]),
        ("empty.png", b""),
        ("svg.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        ("pickle.npy", write_array(np.array([{"a": 1}], dtype=object))),
        ("pickle.npz", pickle.dumps([1])),
        ("lie.npy", lie("(3,)")),
        ("vast.npy", lie("(99999999999,)")),
        ("short.wav", write_wav_header(8000)),
        ("endless.wav", write_wav_header(1 << 30)),
        ("no.wav", b"RIFF"),
        ("nan.npy", write_array(np.array([np.nan]))),
        ("text.txt", b"\xff\xfe\x00"),
        ("list.mp4", write_playlist("file:///etc/passwd")),
        ("list.avi", b"ffconcat version 1.0\nfile /etc/passwd\n"),
        ("program.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 10 10\n(x) print\n"),
        ("swelling.npz", write_swelling_archive(50_000_000)),
        ("link.npz", write_link("/etc/passwd")),
    ],
    ids=lambda each: each if isinstance(each, str) else "",
)
def test_what_cannot_be_read_is_one_line(name: str, content: bytes, uploads: Uploads) -> None:
    with pytest.raises((DataError, Refused)) as caught:
        uploads.keep(content, name)
    text = str(caught.value)
    assert "\n" not in text
    assert "/tmp" not in text
    assert not list(uploads._scratch.folder.iterdir())


def test_a_pickle_is_never_loaded(uploads: Uploads, tmp_path: Path) -> None:
    target = tmp_path / "trap"
    trap = np.empty(1, object)
    trap[0] = Trap(target)
    for name, content in (("a.npy", write_array(trap)), ("b.npz", pickle.dumps(trap))):
        with pytest.raises(DataError):
            uploads.keep(content, name)
    assert not target.exists()


def test_a_decoder_that_takes_too_long_is_ended(uploads: Uploads) -> None:
    uploads.seconds = 0.001
    with pytest.raises(Refused, match="seconds to read"):
        uploads.keep(write_picture(PIXELS), "a.png")


@pytest.mark.parametrize("said", [b"", b"no json", b"[]", b"{}", b'{"kind": "image"'])
def test_a_decoder_that_dies_is_a_refusal(said: bytes) -> None:
    with pytest.raises(Refused, match="limits"):
        module._read_answer(said, -9)


@pytest.mark.parametrize(
    "header",
    [
        {"shape": [2, 2], "dtype": "object"}, {"shape": [2, 2], "dtype": "uint8"}, {"shape": [], "dtype": "uint8"},
        {"shape": [-1, -8], "dtype": "uint8"}, {"shape": "8", "dtype": "uint8"}, {"shape": [0], "dtype": "uint8"},
        {"shape": [1 << 62, 1 << 62], "dtype": "float64"}, {"dtype": "uint8"}, {"shape": [8.0], "dtype": "uint8"},
    ],
)  # fmt: skip
def test_a_decoders_word_is_not_believed(header: dict[str, Any]) -> None:
    with pytest.raises(Exception, match="upload: the decoder"):
        module._check_header(header, 8)


@pytest.mark.skipif(sys.platform == "win32", reason="no resource limits there")
def test_the_child_has_its_limits(tmp_path: Path) -> None:
    code = (
        "import resource as r; from striate.studio.decoding import limit_process, MEMORY_BYTES\n"
        "limit_process(MEMORY_BYTES)\n"
        "print(*[r.getrlimit(x)[1] for x in (r.RLIMIT_AS, r.RLIMIT_CPU, r.RLIMIT_NOFILE, r.RLIMIT_CORE)])\n"
        "try: bytearray(4 << 30)\n"
        "except MemoryError: print('no more')"
    )
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split("\n")
    assert [int(each) for each in said[0].split()][1] == 30
    assert said[1] == "no more"


def run_limited(path: Path, limits: str) -> tuple[int, str]:
    """Run the decoder with other limits: its exit code, and its last line."""
    code = f"import striate.studio.decoding as d; {limits}; d.main(d.Path({str(path)!r}), None)"
    done = subprocess.run([sys.executable, "-c", code], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    return done.returncode, done.stderr.strip().rsplit("\n", 1)[-1]


@pytest.mark.skipif(sys.platform == "win32", reason="no resource limits there")
def test_what_computes_for_too_long_is_ended_by_the_system(tmp_path: Path) -> None:
    path = tmp_path / "endless.gif"
    path.write_bytes(write_gif(1_000_000))
    code, said = run_limited(path, "d.COMPUTING_SECONDS = 1")
    assert code in (-signal.SIGXCPU, -signal.SIGKILL)
    with pytest.raises(Refused, match="limits of memory or time"):
        module._read_answer(said.encode(), code)


@pytest.mark.skipif(sys.platform == "win32", reason="no resource limits there")
def test_what_needs_too_much_memory_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "large.png"
    path.write_bytes(write_picture(np.zeros((6000, 6000, 3), np.uint8)))
    code, said = run_limited(path, "d.MEMORY_BYTES = 400 << 20")
    assert (code, "needs more memory" in said) == (0, True)
    with pytest.raises(Refused):
        module._read_answer(said.encode(), code)


def test_a_playlist_fetches_nothing(uploads: Uploads) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.settimeout(0.2)
        for name in ("list.mp4", "list.avi", "list.mp3"):
            with pytest.raises((DataError, Refused)):
                uploads.keep(write_playlist(f"http://127.0.0.1:{server.getsockname()[1]}/a.ts"), name)
        with pytest.raises(TimeoutError):
            server.accept()


def test_forgotten_and_closed_uploads_leave_nothing(uploads: Uploads) -> None:
    found = uploads.keep(write_picture(PIXELS), "a.png")
    folder = uploads._scratch.folder
    assert folder.stat().st_mode & 0o077 == 0
    uploads.forget(found)
    assert not found.path.exists()
    assert np.array_equal(found.values, PIXELS.transpose(2, 0, 1))  # who still looks at it can
    uploads.close()
    assert not folder.exists()


def test_an_ending_is_all_that_a_name_gives(uploads: Uploads) -> None:
    assert find_ending("/etc/../x.Jpeg") == ".jpeg"
    found: Upload = uploads.keep(write_picture(PIXELS), "../../evil/../a.png")
    assert found.path.parent == uploads._scratch.folder
    assert found.path.name.removesuffix(".png").isalnum()
