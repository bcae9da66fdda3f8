"""What every page is made with: its templates, its own style and script, and the policy that forbids all else."""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files

from jinja2 import Environment, PackageLoader, StrictUndefined

from striate.report import numerals
from striate.report.markup import shorten


def make_environment() -> Environment:
    """The templates, in which everything is escaped and a name that is missing is an error."""
    environment = Environment(
        loader=PackageLoader("striate.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {
        "percent": numerals.write_percent,
        "count": numerals.write_count,
        "number": numerals.write_number,
        "seconds": numerals.write_seconds,
        "shape": numerals.write_shape,
        "shorten": shorten,
    }
    return environment


def read_asset(name: str) -> str:
    """A style or a script that lies beside the templates."""
    return files("striate.report").joinpath("templates", name).read_text("utf-8")


def compose_policy(style: str, script: str, *, sounds: bool = False) -> str:
    """The content policy: a page's own style and script by their digests, pictures (and sounds) inside it, no more.

    >>> compose_policy("", "")[:39]
    "default-src 'none'; img-src data:; styl"
    """
    own = [f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in (style, script)]
    rules = ["default-src 'none'", "img-src data:", *["media-src data:"] * sounds, f"style-src {own[0]}"]
    return "; ".join((*rules, f"script-src {own[1]}", "base-uri 'none'", "form-action 'none'"))
