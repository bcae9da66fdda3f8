"""tmp."""
from __future__ import annotations
import os
from pathlib import Path
def cache_home() -> Path | None:
    from platformdirs import user_cache_path
    home = os.environ.get("STRIATE_CACHE")
    return Path(home) if home else user_cache_path("striate")
