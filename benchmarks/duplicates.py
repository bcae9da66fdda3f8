"""How many duplicates across the split are found in real sets, how many of those made here, and how long it takes.

Claim: in MNIST, where there is none, about one pair is called alike by chance; in CIFAR-10 (JPEG copies) 3.0 % of the
test pictures, where Barz and Denzler 2020 (doi:10.3390/jimaging6060041) found 3.3 % by a network and by eye, and our
training part lacks a tenth of theirs. Training pictures that were re-encoded, brightened, or given noise are all found.
What is shifted is found where pictures differ much (CIFAR-10), not where they are much alike (MNIST).

    python benchmarks/duplicates.py                    # needs STRIATE_DATA
    python benchmarks/duplicates.py mnist --copies 200
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from io import BytesIO

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from striate.data import load_dataset
from striate.data.duplicates import find_duplicates
from striate.data.part import Inputs

SETS = ("mnist", "fashion-mnist", "cifar10")


def each_picture(pictures: Inputs, change: Callable[[Image.Image], Image.Image]) -> Inputs:
    """Change pictures [N, C, H, W] one by one, as Pillow's."""
    grey = pictures.shape[1] == 1
    images = [Image.fromarray(one[0] if grey else np.moveaxis(one, 0, 2)) for one in pictures]
    changed = [np.asarray(change(image)) for image in images]
    return np.stack([one[None] if grey else np.moveaxis(one, 2, 0) for one in changed])


def reencode(image: Image.Image) -> Image.Image:
    buffer = BytesIO()
    image.save(buffer, "JPEG", quality=50)
    return Image.open(buffer)


def cut_edges(image: Image.Image) -> Image.Image:
    edge = max(1, image.width // 20)
    box = (edge, edge, image.width - edge, image.height - edge)
    return image.resize(image.size, Image.Resampling.BICUBIC, box)


def add_noise(pictures: Inputs) -> Inputs:
    noise = np.random.default_rng(0).normal(0, 8, pictures.shape)
    changed: Inputs = np.clip(pictures + noise, 0, 255).astype(np.uint8)
    return changed


CHANGES: dict[str, Callable[[Inputs], Inputs]] = {
    "JPEG, quality 50": lambda pictures: each_picture(pictures, reencode),
    "0.8 x + 30": lambda pictures: np.clip(pictures * 0.8 + 30, 0, 255).astype(np.uint8),
    "gamma 0.7": lambda pictures: (255 * (pictures / 255) ** 0.7).astype(np.uint8),
    "noise, deviation 8": add_noise,
    "5 % cut off": lambda pictures: each_picture(pictures, cut_edges),
    "1 pixel sideways": lambda pictures: np.roll(pictures, 1, axis=3),
    "1 pixel sideways and down": lambda pictures: np.roll(pictures, (1, 1), axis=(2, 3)),
}


def count_hits(trained: Inputs, fresh: Inputs, copies: Inputs, picked: NDArray[np.int64]) -> float:
    """The share of copies that are found, each beside its original, among as many fresh samples."""
    found = find_duplicates(trained, np.concatenate([fresh, copies]))
    hits: int = sum(
        pair.held >= len(fresh) and pair.trained == int(picked[pair.held - len(fresh)]) for pair in found.pairs
    )
    return hits / len(copies)


def main() -> None:
    """Print two tables: what is found in the sets, and what of copies made here."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("sets", nargs="*", metavar="SET", help=f"which sets (left out: {', '.join(SETS)})")
    parser.add_argument("--copies", type=int, default=1000)
    wanted = parser.parse_args()
    print("| set | test | exact | near | share | dimension | ratio | other class | seconds |")
    print("| --- | --- | --- | --- | --- | --- | --- | --- | --- |")
    rows = []
    for name in wanted.sets or SETS:
        data = load_dataset(name)
        assert data.test is not None
        start = time.perf_counter()
        found = find_duplicates(data.train.inputs, data.test.inputs)
        seconds = time.perf_counter() - start
        other = sum(data.train.labels[pair.trained] != data.test.labels[pair.held] for pair in found.pairs)
        about = f"{found.dimension or 0:.1f} | {found.threshold or 0:.2f} | {other} | {seconds:.1f}"
        print(f"| {name} | {found.held:,} | {found.exact} | {found.near} | {100 * found.share:.2f} % | {about} |")
        picked = np.random.default_rng(0).choice(len(data.train), wanted.copies, replace=False)
        originals, fresh = data.train.inputs[picked], data.test.inputs[: wanted.copies]
        hits = [count_hits(data.train.inputs, fresh, change(originals), picked) for change in CHANGES.values()]
        rows.append(f"| {name} | {' | '.join(f'{100 * hit:.1f} %' for hit in hits)} |")
    print(f"\nof {wanted.copies:,} changed training samples, found beside their original:")
    print(f"| set | {' | '.join(CHANGES)} |\n| --- |{' --- |' * len(CHANGES)}")
    print("\n".join(rows))


if __name__ == "__main__":
    main()
