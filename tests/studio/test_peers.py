from __future__ import annotations

import os
import socket
import sys
from pathlib import Path

import pytest
from tests.studio.knocking import PORT, ask, make_scope

from striate.studio import peers
from striate.studio.peers import find_owners, is_stranger
from striate.studio.token import Keys

HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
ROW = "   {}: 0100007F:{:04X} 0100007F:{:04X} 01 00000000:00000000 00:00000000 00000000  {}  0 1 1 0 20 4 30 10 -1\n"
STRANGER = os.geteuid() + 4321


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="other systems don't tell")
def test_the_own_connection_is_this_users() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        with socket.create_connection(("127.0.0.1", port)) as line:
            client = line.getsockname()[1]
            assert find_owners(client, port) == {os.geteuid()}
            assert not is_stranger(client, port)
            assert find_owners(port, port) == set()


def test_both_ports_count_in_their_order(tmp_path: Path) -> None:
    table = tmp_path / "tcp"
    table.write_text(HEAD + ROW.format(0, 50000, 8765, 7) + ROW.format(1, 8765, 50000, 8) + ROW.format(2, 50000, 1, 9))
    assert find_owners(50000, 8765, table) == {7}
    assert find_owners(50001, 8765, table) == set()
    assert find_owners(50000, 8765, tmp_path / "none") == set()


@pytest.mark.parametrize("rows", [[STRANGER], [os.geteuid(), STRANGER], [0, STRANGER]])
def test_a_stranger_beside_the_user_is_a_stranger(rows: list[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(peers, "find_owners", lambda client, port: set(rows))
    assert is_stranger(50000, 8765)
    monkeypatch.setattr(peers, "find_owners", lambda client, port: set(rows) - {STRANGER})
    assert not is_stranger(50000, 8765)


def test_another_user_does_not_use_the_link_up(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    keys = Keys(PORT)
    scope = make_scope("/", cookie=None, sec_fetch_site="none", query_string=keys.launch_query())
    monkeypatch.setattr(peers, "find_owners", lambda client, port: {STRANGER})
    status, behind, _ = ask(scope, keys=keys)
    assert (status, behind.came) == (403, [])
    assert "refused user (403)" in caplog.text
    monkeypatch.undo()
    assert ask(scope, keys=keys)[0] == 303
