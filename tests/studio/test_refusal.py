from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from striate.studio.refusal import Refused, log_refusal, write_plain


@given(st.one_of(st.text(), st.binary()))
def test_whatever_a_client_sends_is_one_short_line(text: str | bytes) -> None:
    plain = write_plain(text)
    assert len(plain) <= 160
    assert all(32 <= ord(sign) < 127 for sign in plain)


def test_a_refusal_is_logged_by_name(caplog: pytest.LogCaptureFixture) -> None:
    line = log_refusal(Refused(403, "host", "no", "evil\nexample"), "GET", b"/\x00", "127.0.0.1")
    assert line == r"refused host (403): GET /\x00 from 127.0.0.1: evil\nexample"
    assert [record.getMessage() for record in caplog.records] == [line]
