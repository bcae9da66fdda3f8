"""Line ends and comments: which of them mean something, and whether the brackets match.

The text is blanked out, never shortened, so that every offset in the result is the same offset in the original.
A line end beside `, | [ ] =` means nothing; any other one separates two items, and is kept.
"""

from __future__ import annotations

import re

from striate.nets.tree import locate_error

MOST_DEPTH = {"[": 50, "(": 40}  # inside each other: far past any network, well inside the interpreter's stack
_OPTION = re.compile(r"[A-Za-z_]\w*[^\S\n]*=")
_BRACKET_WORD = re.compile(r"(?:^|\W)(?:add|cat|mul|tap|aux)$")
_CLOSES = {"]": "[", ")": "("}


def lay_out(text: str, source: str = "text") -> str:
    r"""Blank out comments and the line ends that mean nothing; refuse brackets that don't match.

    Raises:  NotationError at a bracket that is never closed, never opened, or nested past 50 deep.

    >>> lay_out("conv3-8,  # first\n relu\n\nbn")
    'conv3-8,           relu\n bn'
    """
    plain = re.sub(r"#[^\n]*", lambda found: " " * len(found[0]), text)
    plain = _match_brackets(plain, text, source)
    pieces: list[str] = []
    position = 0
    for run in re.finditer(r"\s+", plain):
        if "\n" not in run[0]:
            continue
        blank = " " * len(run[0])
        end = run[0].index("\n")
        idle = _is_idle(plain, run.start(), run.end())
        pieces += [plain[position : run.start()], blank if idle else f"{blank[:end]}\n{blank[end + 1 :]}"]
        position = run.end()
    return "".join([*pieces, plain[position:]])


def _is_idle(text: str, start: int, end: int) -> bool:
    """Whether the line end in text[start:end] separates nothing."""
    before, after = text[start - 1 : start], text[end : end + 1]
    if not before or not after or before in ",|[=" or after in ",|]=":
        return True
    if before == "]" and (after == "*" or _OPTION.match(text, end)):
        return True
    return after == "[" and _BRACKET_WORD.search(text[max(0, start - 5) : start]) is not None


def _match_brackets(text: str, shown: str, source: str) -> str:
    """Check that every bracket closes the one opened last; return the text with the line ends inside `( )` blanked.

    `shown` is the same text with its comments, for the errors.
    """
    opened: list[int] = []
    pieces: list[str] = []
    position = 0
    for match in re.finditer(r"[\[\]()]", text):
        bracket, at = match[0], match.start()
        inside = any(text[place] == "(" for place in opened)
        pieces.append(text[position:at].replace("\n", " ") if inside else text[position:at])
        position = at
        if bracket in "[(":
            opened.append(at)
            if sum(text[place] == bracket for place in opened) > MOST_DEPTH[bracket]:
                found = f"found `{bracket}` inside {MOST_DEPTH[bracket]} others, needed at most as many"
                raise locate_error(shown, source, at, f"{found}. Write it with fewer")
        elif not opened or text[opened.pop()] != _CLOSES[bracket]:
            problem = f"found `{bracket}`, needed `{_CLOSES[bracket]}` before it. Add that, or take this one away"
            raise locate_error(shown, source, at, problem)
    if opened:
        close = "]" if text[opened[-1]] == "[" else ")"
        found = f"this `{text[opened[-1]]}` is never closed: found the end of the text, needed `{close}`"
        raise locate_error(shown, source, opened[-1], f"{found}. Add it where the bracket ends")
    return "".join([*pieces, text[position:]])
