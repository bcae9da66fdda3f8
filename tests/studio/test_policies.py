from __future__ import annotations

import pytest
from tests.studio.knocking import VIEW, ask, make_scope


@pytest.mark.parametrize(
    ("path", "has", "lacks"),
    [
        ("/", b"script-src 'self'", b"unsafe"),
        (VIEW, b"sandbox allow-scripts;", b"allow-same-origin"),
        ("/api/about", b"default-src 'none'", b"'self'"),
    ],
)
def test_every_answer_carries_its_policy(path: str, has: bytes, lacks: bytes) -> None:
    headers = ask(make_scope(path))[2][0]["headers"]
    policies = [value for name, value in headers if name.lower() == b"content-security-policy"]
    assert len(policies) == 1
    assert has in policies[0]
    assert lacks not in policies[0]
    named = dict(headers)
    assert named[b"referrer-policy"] == b"no-referrer"
    assert named[b"cross-origin-resource-policy"] == b"same-origin"
    assert (b"cross-origin-opener-policy" in named) == (path != VIEW)
    assert named[b"cache-control"] == b"no-store"
