"""How torch's threads wait for each other: set by the command, before torch loads; `import striate` changes nothing.

Without a limit, GNU's OpenMP lets a thread that has nothing to do spin for as long as others work. Where other
processes want the cores in bursts, the spinning thread holds a core against the very thread that it waits for. A short
spin, then sleep, bounds that. `benchmarks/waiting.py` measures it: what it gains depends on the load, and may be
nothing.
"""

from __future__ import annotations

import os
import sys

SPINS = "10000"  # some tens of microseconds: longer than the pauses between two layers


def limit_spinning() -> bool:
    """Tell OpenMP to sleep after a short spin; false where the user has said otherwise, or torch is loaded already.

    Source: GNU libgomp manual, "GOMP_SPINCOUNT".
    """
    said = any(name in os.environ for name in ("GOMP_SPINCOUNT", "OMP_WAIT_POLICY"))
    if said or "torch" in sys.modules:
        return False
    os.environ["GOMP_SPINCOUNT"] = SPINS
    return True
