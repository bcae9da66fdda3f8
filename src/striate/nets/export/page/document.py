"""The page itself: one file of markup, style, script, program and weights, under a policy that forbids all else."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping, Sequence
from functools import lru_cache
from hashlib import sha256
from importlib.resources import files
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined

RUNTIME = ("arrays", "elementwise", "arranging", "reducing", "multiplying", "pooling", "machine")
READING = ("pixels", "clips", "sounds", "waves", "tables", "numpy", "words", "damage", "reading", "intake", "sketch")
SHOWING = ("colours", "maps", "surfaces", "answers", "masks", "restored", "expected")
PAGE = (*READING, "views", "asking", *SHOWING, "main")


def compose_page(title: str, program: Mapping[str, Any], about: Mapping[str, Any], pieces: Sequence[str]) -> str:
    """The page as text; `pieces` are the weights in base64."""
    script, style = compose_script(), read_part("page.css")
    environment = Environment(
        loader=PackageLoader("striate.nets.export.page", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html.j2").render(
        title=title,
        about=about,
        policy=compose_policy(style, script),
        style=style,
        script=script,
        program=_embed(program),
        facts=_embed(about),
        pieces=pieces,
    )


@lru_cache(maxsize=1)
def compose_script() -> str:
    """The runtime and the page's own script as one, in a scope of its own."""
    parts = [read_part(f"script/{name}.js") for name in (*RUNTIME, *PAGE)]
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


def compose_policy(style: str, script: str) -> str:
    """Its own style and script by their digests, sounds that it made or was given, and no request of any kind.

    >>> compose_policy("", "").split("; ")[0]
    "default-src 'none'"
    """
    own = [f"'sha256-{b64encode(sha256(text.encode()).digest()).decode()}'" for text in (style, script)]
    allowed = f"style-src {own[0]}; script-src {own[1]}; media-src blob:"
    return f"default-src 'none'; {allowed}; base-uri 'none'; form-action 'none'"


def read_part(name: str) -> str:
    """A file that lies beside this one."""
    return files("striate.nets.export.page").joinpath(name).read_text("utf-8")


def _embed(values: Mapping[str, Any]) -> str:
    """JSON that can stand inside a script element: no sign in it can end the element."""
    text = json.dumps(values, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")


def read_page(text: str) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """The program, what is told of it, and the pieces of the weights, out of a page's text."""
    program, facts = (json.loads(_find(text, name)[0]) for name in ("program", "facts"))
    return program, facts, _find(text, "weights")


def _find(text: str, name: str) -> list[str]:
    """The contents of the script elements of one name; their form is the template's own."""
    found, at = [], 0
    opening = f'data-holds="{name}">'
    while (start := text.find(opening, at)) >= 0:
        at = text.index("</script>", start)
        found.append(text[start + len(opening) : at].strip())
    return found
