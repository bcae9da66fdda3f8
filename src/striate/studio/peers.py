"""Whose program is at the other end of a connection, where the system tells: other users reach its ports too.

The link stands in the browser's command line, which every user of a machine can read there.
"""

from __future__ import annotations

import os
from pathlib import Path

_TABLE = Path("/proc/net/tcp")
_ROOT = 0  # forwards connections of others: containers, windows on another system


def find_owners(client: int, port: int, table: Path = _TABLE) -> set[int]:
    """The users' numbers at the client's end of a connection between two ports; none where the system doesn't tell.

    Source:  Linux, `Documentation/networking/proc_net_tcp.rst`: ports in hexadecimal digits, the user in column 8.
    """
    try:
        rows = [line.split() for line in table.read_text("ascii").splitlines()[1:]]
    except (OSError, ValueError):
        return set()
    ends = [f"{client:04X}", f"{port:04X}"]
    return {int(row[7]) for row in rows if len(row) > 7 and [end.partition(":")[2] for end in row[1:3]] == ends}


def is_stranger(client: int, port: int) -> bool:
    """Whether a program of another user's is known to be at the other end."""
    owners = find_owners(client, port)
    return bool(owners) and not owners <= {_ROOT, os.geteuid()}
