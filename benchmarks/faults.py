"""A run under every fault: SIGKILLs, a disk that refuses each single write, damaged files of every kind.

Claim: 50 SIGKILLs of real `striate train` processes, 50 resumes, the same weights each; a write error at every write,
sync and rename of a run's folder, and always a whole checkpoint that it resumes from to the same bits; 1,000 damaged
files, no crash, every one named. `--share` does a part of it, spread over the whole; the tests do a small one. The
failing disk needs Linux and a C compiler.

    python benchmarks/faults.py --workers 2      # all of it: five minutes on two cores
    python benchmarks/faults.py files --share 0.1
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.faulty.files import inject_files
from benchmarks.faulty.kills import inject_kills
from benchmarks.faulty.outcome import HEADER, Outcome, Tell
from benchmarks.faulty.writes import inject_writes

KILLS, FILES = 50, 1000


def whisper(line: str) -> None:
    """Progress, beside the table."""
    print(line, file=sys.stderr, flush=True)


SECTIONS: dict[str, Callable[[float, int, Tell], Outcome]] = {
    "kills": lambda share, workers, tell: inject_kills(max(1, round(share * KILLS)), workers, tell),
    "writes": lambda share, workers, tell: inject_writes(max(1, round(1 / share)), tell),
    "files": lambda share, workers, tell: inject_files(max(1, round(share * FILES)), tell),
}


def main() -> int:
    """Print a table, a row a kind of fault; leave with 1 where anything didn't hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"{', '.join(SECTIONS)} (left out: all)")
    parser.add_argument("--share", type=float, default=1.0, help="of the faults, above 0 and up to 1")
    parser.add_argument("--workers", type=int, default=1, help="runs that are killed at the same time")
    wanted = parser.parse_args()
    if unknown := set(wanted.sections) - set(SECTIONS):
        parser.error(f"found {', '.join(sorted(unknown))}, needed some of {', '.join(SECTIONS)}")
    if not 0 < wanted.share <= 1:
        parser.error(f"--share is {wanted.share:g}, needed a number above 0 and up to 1")
    names = wanted.sections or list(SECTIONS)
    outcomes = [SECTIONS[name](wanted.share, wanted.workers, whisper) for name in names]
    print(HEADER)
    for outcome in outcomes:
        print(outcome.to_row())
    failures = [failure for outcome in outcomes for failure in outcome.failures]
    for failure in failures:
        print(f"- {failure}")
    return 1 if failures else 0


if __name__ == "__main__":
    raise SystemExit(main())
