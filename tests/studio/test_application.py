"""What the application answers to its own page: the page, its files, uploads, views, and the stream."""

from __future__ import annotations

import json
import time
from http.client import HTTPConnection
from pathlib import Path
from threading import Thread
from typing import Any
from urllib.parse import quote

import pytest
from tests.studio.conftest import OWN, PATHS, Served, ask
from tests.studio.samples import HOSTILE, PIXELS, write_gif, write_picture

from striate.errors import InputError
from striate.studio.session import Document


@pytest.mark.parametrize(("method", "path"), [each for each in PATHS if each[1] != "/events"])
def test_the_own_page_is_answered(served: Served, method: str, path: str) -> None:
    headers = {"Studio-Name": "a.txt"} if path == "/api/upload" else {}
    status, content = ask(served, method, path, **headers)
    assert status == 200, content


def test_an_upload_gets_a_handle_that_is_forgotten(served: Served) -> None:
    headers = {"Content-Type": "application/octet-stream", "Studio-Name": "a%20b.png"}
    status, _, content = served.ask("POST", "/api/upload", write_picture(PIXELS), headers)
    answer = json.loads(content)
    assert (status, answer["kind"], answer["shape"]) == (200, "image", [3, 5, 7])
    path = served.session.handles.take("input", answer["input"]).path
    assert path.exists()
    assert served.ask("POST", "/api/forget", json.dumps({"input": answer["input"]}).encode())[0] == 200
    assert not path.exists()
    with pytest.raises(InputError):
        served.session.handles.take("input", answer["input"])


@pytest.mark.parametrize(("name", "status", "content"), HOSTILE, ids=[name.partition("\0")[0] for name, *_ in HOSTILE])
def test_a_hostile_upload_is_refused_and_named(served: Served, name: str, status: int, content: bytes) -> None:
    headers = {"Content-Type": "application/octet-stream", "Studio-Name": quote(name)}
    found, _, answer = served.ask("POST", "/api/upload", content, headers)
    assert found == status
    assert set(json.loads(answer)) == {"error"}
    assert f"refused upload ({status}): POST /api/upload" in served.lines[-1]


def test_the_studio_answers_while_a_hostile_upload_is_ended(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(served.session.uploads, "seconds", 1.5)
    headers = {"Content-Type": "application/octet-stream", "Studio-Name": "endless.gif"}
    found: list[int] = []
    threads = [
        Thread(target=lambda: found.append(served.ask("POST", "/api/upload", write_gif(300_000), headers)[0]))
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    answered = 0
    while any(thread.is_alive() for thread in threads):
        assert served.ask("POST", "/api/about", b"{}")[0] == 200
        answered += 1
    assert answered > 10
    assert found == [422] * 4


def test_a_view_shows_what_was_given_out_and_nothing_else(served: Served, folder: Path) -> None:
    page = folder / "report.html"
    page.write_text("<h1>A run</h1>", "utf-8")
    handle = served.session.show(Document(page))
    status, headers, content = served.ask("GET", f"/view/{handle}")
    assert (status, content) == (200, b"<h1>A run</h1>")
    assert "sandbox allow-scripts;" in headers["content-security-policy"]
    page.unlink()
    assert served.ask("GET", f"/view/{handle}")[0] == 404
    assert served.ask("GET", "/view/" + "a" * 22)[0] == 404


def test_the_stream_tells_news_and_what_was_missed(served: Served) -> None:
    def listen(last: str = "") -> tuple[HTTPConnection, Any]:
        connection = HTTPConnection("127.0.0.1", served.port, timeout=20)
        connection.request(
            "GET", "/events", headers={"Cookie": served.cookie, **OWN, **({"Last-Event-ID": last} if last else {})}
        )
        return connection, connection.getresponse()

    connection, answer = listen()
    assert answer.getheader("content-type") == "text/event-stream; charset=utf-8"
    hello = [answer.readline() for _ in range(4)]
    assert hello[1:] == [b"event: hello\n", b"data: {}\n", b"\n"]
    served.session.stream.publish("step", {"n": 1})
    assert [answer.readline() for _ in range(4)][2] == b'data: {"n": 1}\n'
    connection.close()
    answer.close()
    served.session.stream.publish("step", {"n": 2})
    connection, answer = listen(hello[0].decode().removeprefix("id: ").strip())
    assert [line for line in (answer.readline() for _ in range(12)) if line.startswith(b"data")][1:] == [
        b'data: {"n": 1}\n',
        b'data: {"n": 2}\n',
    ]
    connection.close()
    answer.close()
    end = time.monotonic() + 10
    while served.session.stream.followers and time.monotonic() < end:
        time.sleep(0.05)
    assert served.session.stream.followers == 0
