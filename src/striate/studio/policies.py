"""The headers that every answer carries: what the page may load, run and be embedded in."""

from __future__ import annotations

from collections.abc import Iterable

from striate.studio.doors import Kind

_NOTHING = "default-src 'none'; base-uri 'none'; form-action 'none'"
PAGE = (
    f"{_NOTHING}; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; connect-src 'self'; "
    "media-src 'self' blob: data:; font-src 'none'; frame-src 'self'; frame-ancestors 'none'"
)
VIEW = (
    f"{_NOTHING}; sandbox allow-scripts; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data:; "
    "media-src data:; frame-ancestors 'self'"
)
"""A report runs its own script, and has no origin: neither cookie nor request goes anywhere from it."""
OTHER = f"{_NOTHING}; frame-ancestors 'none'"

_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-resource-policy", b"same-origin"),
)
_ALONE = (b"cross-origin-opener-policy", b"same-origin")

Headers = list[tuple[bytes, bytes]]


def protect(headers: Iterable[tuple[bytes, bytes]], kind: Kind | None) -> Headers:
    """Put the policy of a door's kind into an answer's headers, whatever of them stood there; None is a refusal.

    A sandboxed document must not ask for an opener policy too: browsers then show nothing.
    Source: WHATWG HTML, "Cross-origin opener policies": neither goes together with sandboxing flags.
    """
    policy = {"page": PAGE, "view": VIEW, "download": f"{OTHER}; sandbox"}.get(kind or "", OTHER)
    own = [
        *_ALWAYS,
        *([] if kind == "view" else [_ALONE]),
        (b"content-security-policy", policy.encode()),
        (b"cache-control", b"no-cache" if kind == "asset" else b"no-store"),
    ]
    names = {name for name, _ in (*own, _ALONE)}
    return [(name, value) for name, value in headers if name.lower() not in names] + own
