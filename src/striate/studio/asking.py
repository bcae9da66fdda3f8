"""What the page asks of a training: read, and refused in one line that begins with its field's name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from striate.errors import InputError
from striate.studio.merits import JUDGED
from striate.studio.routes.route import quote, read_whole

Body = Mapping[str, Any]
TASKS = tuple(JUDGED)
RECIPES = ("default", "fast", "muon", "quick")
LENGTHS = ("epochs", "steps", "minutes")


def check_net(net: str) -> str:
    """Refuse what is neither auto, nor in the zoo, nor a text that can be read; give a word for the run's name."""
    from striate.nets.lookup import list_zoo
    from striate.studio.sources import read_net

    if net in ("auto", *list_zoo()):
        return net
    read_net(net)
    return "net"


def read_options(body: Body) -> list[str]:
    """What `striate train` is told beside network, data and folder. Raises: InputError, the field's name in front."""
    chosen: list[str] = []
    for name in LENGTHS:
        value = body.get(name)
        if value is None:
            continue
        whole = name != "minutes"
        fine = isinstance(value, int if whole else int | float) and not isinstance(value, bool)
        if not fine or not 0 < value < 1e9:
            raise InputError(
                f"{name}: found {quote(value)}, needed {'a whole number' if whole else 'a number'} above 0"
            )
        chosen += [f"--{name}", str(value)]
    if len(chosen) > 2:
        raise InputError("length: needed one length: epochs, steps or minutes. Leave the others out")
    for name, known in (("recipe", RECIPES), ("task", TASKS)):
        if body.get(name) is not None:
            if body[name] not in known:
                raise InputError(f"{name}: needed one of {', '.join(known)}")
            chosen += [f"--{name}", str(body[name])]
    chosen += _read_goal(body.get("until"))
    for name, least, most in (("batch", 1, 1 << 20), ("seed", 0, 1 << 53), ("threads", 1, 1024)):
        number = read_whole(body, name, least, most)
        chosen += [] if number is None else [f"--{name}", str(number)]
    return chosen if body.get("probe") is not False else [*chosen, "--no-probe"]


def _read_goal(value: object) -> list[str]:
    """The validation accuracy (or merit) at which to end; how much it can be, the task knows."""
    if value is None:
        return []
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 1e9:
        raise InputError(f"until: found {quote(value)}, needed a number above 0")
    return ["--until", str(value)]
