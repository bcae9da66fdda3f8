"""`striate studio` as a user starts it: the link on a line of its own, and a clean end."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

import pytest
from tests.cli.conftest import Call

import striate
from striate.cli.serving import can_browse, explain_use

ENVIRONMENT = {**os.environ, "PYTHONPATH": str(Path(striate.__file__).parents[1]), "COLUMNS": "20"}
LINK = re.compile(r"http://127\.0\.0\.1:(\d+)/\?token=[A-Za-z0-9_-]{43}\n")


@pytest.fixture
def started(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "striate", "studio", str(tmp_path), "--no-browser"]
    environment = {**ENVIRONMENT, "TMPDIR": str(tmp_path)}
    studio = subprocess.Popen(command, text=True, env=environment, stdin=-3, stdout=-1, stderr=-1)
    yield studio
    studio.kill()
    studio.communicate()


def test_the_link_stands_alone_on_a_line_and_opens(started: subprocess.Popen[str], tmp_path: Path) -> None:
    assert started.stdout is not None
    link = started.stdout.readline()
    match = LINK.fullmatch(link)
    assert match is not None, link
    connection = HTTPConnection("127.0.0.1", int(match[1]), timeout=20)
    connection.request("GET", link.strip().partition(match[1])[2])
    answer = connection.getresponse()
    assert (answer.status, answer.getheader("location")) == (303, "/")
    answer.read()
    connection.request("GET", "/", headers={"Cookie": str(answer.getheader("set-cookie")).split(";")[0]})
    assert b"<title>Striate</title>" in connection.getresponse().read()
    connection.close()
    started.send_signal(signal.SIGINT)
    out, err = started.communicate(timeout=20)
    assert (started.returncode, out, err) == (0, "", "The studio is closed.\n")
    assert list(tmp_path.iterdir()) == []


def test_a_refusal_is_a_line_on_stderr(started: subprocess.Popen[str]) -> None:
    assert started.stdout is not None
    port = int(LINK.fullmatch(started.stdout.readline())[1])  # type: ignore[index]
    with socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n")
        assert line.recv(100).startswith(b"HTTP/1.1 403 ")
    time.sleep(0.2)
    started.send_signal(signal.SIGINT)
    err = started.communicate(timeout=20)[1]
    assert "striate studio: refused host (403): GET / from 127.0.0.1: evil.example\n" in err


def test_a_taken_port_is_one_clear_line(call: Call) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        said = call("studio", "--no-browser", "--port", port)
    assert said.code == 2
    assert said.err == f"striate: --port {port}: Address already in use. Choose another, or leave it out\n"


@pytest.mark.parametrize("arguments", [("nosuch",), ("--port", "70000"), ("--port", "x")])
def test_a_wrong_call_is_one_clear_line(call: Call, arguments: tuple[str, ...]) -> None:
    said = call("studio", "--no-browser", *arguments)
    assert said.code == 2
    assert len(said.err.splitlines()) == 1


def test_a_file_is_no_folder(call: Call, tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("x")
    said = call("studio", "--no-browser", tmp_path / "a.txt")
    assert (said.code, "found no folder" in said.err) == (2, True)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="elsewhere there is always a window")
def test_a_terminal_without_a_display_keeps_its_browser_shut(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        monkeypatch.delenv(name, raising=False)
    assert not can_browse()
    monkeypatch.setenv("DISPLAY", ":0")
    assert can_browse()


@pytest.mark.skipif(sys.platform == "win32", reason="no terminals of this kind there")
def test_a_terminal_is_told_how_to_use_it(tmp_path: Path) -> None:
    main, end = os.openpty()
    environment = {**ENVIRONMENT, "SSH_CONNECTION": "10.0.0.1 50000 10.0.0.2 22"}
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "BROWSER"):
        environment.pop(name, None)
    command = [sys.executable, "-m", "striate", "studio", str(tmp_path)]
    studio = subprocess.Popen(command, env=environment, stdin=end, stdout=-1, stderr=subprocess.STDOUT, text=True)
    assert studio.stdout is not None
    try:
        said = [studio.stdout.readline() for _ in range(5)]
        port = int(LINK.fullmatch(said[1])[1])  # type: ignore[index]
        assert said[0] == f"The studio of {tmp_path.name} is opened by this link, which works once:\n"
        assert "".join(said[2:]) == explain_use(port, remote=True) + "\n"
        assert f"ssh -L {port}:127.0.0.1:{port} " in said[4]
        os.write(main, b"\n")
        assert LINK.fullmatch(again := studio.stdout.readline())
        assert again != said[1]
        studio.send_signal(signal.SIGINT)
        assert studio.communicate(timeout=20)[0] == "The studio is closed.\n"
        assert studio.returncode == 0
    finally:
        studio.kill()
        os.close(main)
        os.close(end)


@pytest.mark.skipif(sys.platform == "win32", reason="no such signal there")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_closed_terminal_leaves_no_uploads(
    started: subprocess.Popen[str], number: signal.Signals, tmp_path: Path
) -> None:
    assert started.stdout is not None
    link = started.stdout.readline()
    port = int(LINK.fullmatch(link)[1])  # type: ignore[index]
    connection = HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", link.strip().partition(str(port))[2])
    answer = connection.getresponse()
    answer.read()
    headers = {
        "Cookie": str(answer.getheader("set-cookie")).split(";")[0],
        "Origin": f"http://127.0.0.1:{port}",
        "Sec-Fetch-Site": "same-origin",
        "Content-Type": "application/octet-stream",
        "Studio-Name": "a.txt",
    }
    connection.request("POST", "/api/upload", b"words", headers)
    assert connection.getresponse().status == 200
    connection.close()
    folders = list(tmp_path.glob("striate-studio-*"))
    assert folders
    started.send_signal(number)
    started.communicate(timeout=20)
    assert started.returncode == -signal.SIGTERM
    assert not any(path.exists() for path in folders)
