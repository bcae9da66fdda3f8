"""Finding a network: by its name in the zoo, by its file, or as the text itself."""

from __future__ import annotations

import difflib
import os
import re
from importlib import resources
from pathlib import Path

from striate.errors import InputError
from striate.nets.notation import parse
from striate.nets.tree import Net
from striate.nets.vocabulary import WORDS
from striate.nets.words.backbone import is_backbone

MOST_BYTES = 1_000_000


def list_zoo() -> tuple[str, ...]:
    """Name the networks of the zoo.

    >>> "resnet18" in list_zoo()
    True
    """
    files = resources.files("striate.nets").joinpath("zoo").iterdir()
    return tuple(sorted(file.name.removesuffix(".net") for file in files if file.name.endswith(".net")))


def find_net(text: str) -> Net:
    """Read a network: a name of the zoo, the path of a `.net` file, or the text itself.

    A backbone's name alone, such as `timm:resnet18`, is that backbone with an `fc-classes` behind it.

    Raises:  InputError if it is neither; NotationError if its text can't be read.

    >>> find_net("lenet5").input
    (1, 28, 28)
    """
    text = str(text)
    if text in list_zoo():
        zoo = resources.files("striate.nets").joinpath("zoo", f"{text}.net")
        return parse(zoo.read_text(encoding="utf-8"), f"{text}.net")
    if is_backbone(text):
        return parse(f"{text}\nfc-classes\n", text)
    if _is_path(text):
        return parse(_read_file(Path(text)), text)
    if re.fullmatch(r"[\w.+-]*", text) and not text.startswith(tuple(WORDS)):
        near = difflib.get_close_matches(text, list_zoo(), n=1)
        hint = f"Did you mean `{near[0]}`?" if near else "`striate nets` lists the zoo"
        found = f"network `{text}`: found no such name, file or layer"
        raise InputError(f"{found}, needed a name of the zoo, a .net file or a text. {hint}")
    return parse(text)


def _is_path(text: str) -> bool:
    """Whether the text names a file, or was meant to."""
    if "\n" in text or len(text) > 4096:
        return False
    try:
        found = Path(text).is_file() or (os.sep in text and Path(text).is_dir())
    except (OSError, ValueError):  # a name too long for a file, or a letter that no file name has
        found = False
    return found or text.endswith(".net")


def _read_file(path: Path) -> str:
    """The text of a `.net` file."""
    needed = "needed a network's text in UTF-8"
    try:
        with path.open("rb") as file:
            content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise InputError(f"{path}: found more than {MOST_BYTES:,} bytes, {needed}. Is this the right file?")
        return content.decode("utf-8-sig")
    except FileNotFoundError:
        near = difflib.get_close_matches(path.stem, list_zoo(), n=1)
        hint = f"The zoo has `{near[0]}`" if near else "`striate nets` lists the zoo"
        raise InputError(f"{path}: found no such file, {needed}. Check the path. {hint}") from None
    except UnicodeDecodeError:
        raise InputError(f"{path}: found bytes that are no UTF-8 text, {needed}. Is this the right file?") from None
    except OSError as problem:
        raise InputError(f"{path}: found that {problem.strerror}, {needed}. Check the path") from None
    except ValueError:
        raise InputError(f"{str(path)!r}: found a letter that no file's name has, {needed}. Check the path") from None
