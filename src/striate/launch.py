"""What a launcher such as torchrun says of this process: its number among those that it started. Nothing is loaded."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass

from striate.errors import InputError


@dataclass(frozen=True)
class Launch:
    """Which process this is of how many, in all and on this machine; `local` ranks choose the GPU."""

    rank: int = 0
    count: int = 1
    local_rank: int = 0
    local_count: int = 1


def read_launch(environment: Mapping[str, str] | None = None) -> Launch:
    """What the launcher says in the environment, under torchrun's names; a single process where nothing is said.

    Raises:
        InputError: where it contradicts itself.

    >>> read_launch({"RANK": "3", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "2"})
    Launch(rank=3, count=4, local_rank=1, local_count=2)
    >>> read_launch({})
    Launch(rank=0, count=1, local_rank=0, local_count=1)
    """
    said = os.environ if environment is None else environment
    if "RANK" not in said or "WORLD_SIZE" not in said:
        return Launch()
    rank, count = _read_number(said, "RANK", 0), _read_number(said, "WORLD_SIZE", 1)
    local_rank, local_count = _read_number(said, "LOCAL_RANK", rank), _read_number(said, "LOCAL_WORLD_SIZE", count)
    if rank >= count or local_rank >= local_count:
        found = f"RANK {rank} of WORLD_SIZE {count}, LOCAL_RANK {local_rank} of LOCAL_WORLD_SIZE {local_count}"
        raise InputError(f"environment: found {found}, needed ranks below their numbers. Start it by torchrun")
    return Launch(rank, count, local_rank, local_count)


def is_launched() -> bool:
    """Whether a launcher started this process as one of several."""
    return "RANK" in os.environ and os.environ.get("WORLD_SIZE", "1") != "1"


def _read_number(said: Mapping[str, str], name: str, least: int) -> int:
    text = said.get(name, str(least))
    if not text.isdecimal() or int(text) < (1 if name.endswith("SIZE") else 0):
        raise InputError(f"environment: {name} is {text!r}, needed a whole number. Start it by torchrun")
    return int(text)
