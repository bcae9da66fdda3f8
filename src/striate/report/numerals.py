"""Numbers as the report writes them. A dash stands for what isn't known; no rounding makes a share all or none."""

from __future__ import annotations

from math import isfinite
from typing import Any

DASH = "–"
SPACE = "\u00a0"


def write_percent(share: float | None, decimals: int = 1) -> str:
    r"""Write a share as per cent; `<` and `>` keep rounding from making it 0 or 100.

    >>> write_percent(0.97222), write_percent(1.0), write_percent(0.99999), write_percent(float("nan"))
    ('97.2\xa0%', '100.0\xa0%', '>99.9\xa0%', '–')
    """
    if share is None or not isfinite(share):
        return DASH
    unit = 10.0**-decimals
    text = f"{100 * share:.{decimals}f}"
    if share > 0 and float(text) == 0:
        text = f"<{unit:.{decimals}f}"
    elif share < 1 and float(text) == 100:
        text = f">{100 - unit:.{decimals}f}"
    return f"{text}{SPACE}%"


def write_count(number: int) -> str:
    """Write a whole number with its thousands parted.

    >>> write_count(1234567)
    '1,234,567'
    """
    return f"{number:,}"


def write_number(number: float | None, decimals: int = 3) -> str:
    """Write a real number with fixed decimals, or a dash.

    >>> write_number(0.12345), write_number(None)
    ('0.123', '–')
    """
    return DASH if number is None or not isfinite(number) else f"{number:.{decimals}f}"


def write_seconds(seconds: float) -> str:
    """Write a duration in the units a person would use.

    >>> [write_seconds(s).replace(SPACE, " ") for s in (0.0421, 12.34, 83.0, 7500.0)]
    ['0.042 s', '12.3 s', '1 min 23 s', '2 h 05 min']
    """
    if not isfinite(seconds):
        return DASH
    if seconds < 59.95:
        return f"{seconds:.2g}{SPACE}s" if seconds < 1 else f"{seconds:.1f}{SPACE}s"
    whole = round(seconds)
    if whole < 3600:
        return f"{whole // 60}{SPACE}min {whole % 60:02d}{SPACE}s"
    minutes = round(seconds / 60)
    return f"{minutes // 60}{SPACE}h {minutes % 60:02d}{SPACE}min"


def write_shape(shape: tuple[int, ...]) -> str:
    """Write a shape with multiplication signs.

    >>> write_shape((32, 14, 14))
    '32 × 14 × 14'
    """
    return " × ".join(str(extent) for extent in shape) or DASH


def flatten_settings(settings: dict[str, Any], prefix: str = "") -> list[tuple[str, str]]:
    """List settings as (dotted name, value), nested ones under their parent's name.

    >>> flatten_settings({"seed": 0, "recipe": {"lr": 0.1, "augment": None}})
    [('seed', '0'), ('recipe.lr', '0.1'), ('recipe.augment', '–')]
    """
    rows: list[tuple[str, str]] = []
    for name, value in settings.items():
        if isinstance(value, dict) and value:
            rows += flatten_settings(value, f"{prefix}{name}.")
        else:
            rows.append((f"{prefix}{name}", _write_value(value)))
    return rows


def _write_value(value: Any) -> str:
    if value is None or value == {}:
        return DASH
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list | tuple):
        return ", ".join(_write_value(item) for item in value) or DASH
    return str(value)
