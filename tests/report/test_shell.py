from __future__ import annotations

from base64 import b64encode
from hashlib import sha256

import pytest
from jinja2 import UndefinedError

from striate.report.shell import compose_policy, make_environment, read_asset


def test_the_policy_lets_in_its_own_text_alone() -> None:
    style, script = "a { color: red }", "alert(1)"
    rules = dict(rule.split(" ", 1) for rule in compose_policy(style, script).split("; "))
    assert rules["default-src"] == "'none'"
    for name, text in (("style-src", style), ("script-src", script)):
        assert rules[name] == f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'"
    assert rules["img-src"] == "data:"
    assert "media-src" not in rules
    assert "media-src data:" in compose_policy(style, script, sounds=True)


def test_everything_is_escaped_and_nothing_is_missing() -> None:
    environment = make_environment()
    assert environment.from_string("{{ name }}").render(name="<b>") == "&lt;b&gt;"
    with pytest.raises(UndefinedError):
        environment.from_string("{{ name }}").render()


def test_assets_are_read_whole() -> None:
    assert read_asset("explanation.css").endswith("}\n")
