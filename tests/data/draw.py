"""Pictures and folders to load: made by Pillow, each with a colour that tells it from the others."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

Colour = tuple[int, int, int]


def picture(seed: int, size: tuple[int, int] = (20, 20), mode: str = "RGB") -> Image.Image:
    """Draw noise of a mode; (width, height) as Pillow counts."""
    noise = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), np.uint8)
    return Image.fromarray(noise).convert(mode)


def save(path: Path, image: Image.Image, **options: Any) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)
    return path


def as_png(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


def make_folder(root: Path, counts: Mapping[str, int], size: tuple[int, int] = (20, 20), mode: str = "RGB") -> Path:
    """Draw `counts[class]` PNGs into each class folder; `counts` may name paths such as `train/cat`."""
    seed = 0
    for label, count in counts.items():
        (root / label).mkdir(parents=True, exist_ok=True)
        for number in range(count):
            save(root / label / f"{number:03}.png", picture(seed, size, mode))
            seed += 1
    return root
