"""A folder of 5,000 JPEGs made into batches ready to train on: the first pass and later ones, against the common way.

The common way: a torch DataLoader with two worker processes, each decoding with Pillow, scaling and cutting to
224 x 224 (torchvision's Resize and CenterCrop by their definition). Ours: `load_dataset`, which decodes once into a
mapped file of bytes, and the trainer's own gathering of rows from it. Either way a pass ends when every sample has been
in a batch of 64, uint8, in an order of that pass. Pictures are cut out of shared/data/photos by a seed, 500 x 375 or
375 x 500. The ways take turns; figures are medians of the rounds, with the lowest and the highest.

Claim: the first pass is at least 1.5x, later ones at least 10x faster. Both are with the files in the page cache.

    python benchmarks/folder.py --photos PATH
    python benchmarks/folder.py --photos PATH --files 500 --rounds 3
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.utils.data import DataLoader, Dataset

from striate.data import Dataset as LoadedSet

SIDE, BATCH, CLASSES = 224, 64, 5
Figures = dict[str, list[float]]


def make_folder(photos: Path, target: Path, files: int, seed: int = 0) -> None:
    """Cut pictures out of the photos, each at a place and size of its own, and save them as JPEGs of usual quality."""
    rng = np.random.default_rng(seed)
    sources = [Image.open(path).convert("RGB") for path in sorted(photos.iterdir())]
    for number in range(files):
        source = sources[int(rng.integers(len(sources)))]
        width, height = (500, 375) if rng.random() < 0.75 else (375, 500)
        scale = float(rng.uniform(0.5, 1.0)) * min(source.width / width, source.height / height)
        room = (source.width - scale * width, source.height - scale * height)
        left, top = (float(rng.uniform(0, extent)) for extent in room)
        box = (left, top, left + scale * width, top + scale * height)
        cut = source.resize((width, height), Image.Resampling.BICUBIC, box)
        folder = target / f"class{number % CLASSES}"
        folder.mkdir(parents=True, exist_ok=True)
        cut.save(folder / f"{number:05}.jpg", quality=int(rng.integers(75, 96)))


class Common(Dataset[tuple[torch.Tensor, int]]):
    """One file a sample: opened, decoded, its shorter side scaled to 224, the centre cut out."""

    def __init__(self, folder: Path) -> None:
        self.files = sorted(folder.rglob("*.jpg"))

    def __len__(self) -> int:
        return len(self.files)

    def __getitem__(self, index: int) -> tuple[torch.Tensor, int]:
        with Image.open(self.files[index]) as image:
            picture = image.convert("RGB")
        scale = SIDE / min(picture.size)
        picture = picture.resize(
            (round(picture.width * scale), round(picture.height * scale)), Image.Resampling.BILINEAR
        )
        left, top = (picture.width - SIDE) // 2, (picture.height - SIDE) // 2
        picture = picture.crop((left, top, left + SIDE, top + SIDE))
        return torch.from_numpy(np.array(picture)).permute(2, 0, 1), int(self.files[index].parent.name[-1])


def pass_commonly(folder: Path, passes: int) -> list[float]:
    """Seconds of each pass; the workers stay from one pass to the next, which is the better case for them."""
    loader = DataLoader(Common(folder), BATCH, shuffle=True, num_workers=2, persistent_workers=True)
    return [_time(lambda: sum(len(labels) for _, labels in loader)) for _ in range(passes)]


def pass_ours(folder: Path, passes: int) -> list[float]:
    """Seconds of each pass; the first one decodes, and ends with the batches as the others do."""
    from striate.data import load_dataset
    from striate.engine import Engine, keep_large_blocks
    from striate.train import Recipe
    from striate.train.batches import read_samples, take
    from striate.train.randomness import epoch_order
    from striate.train.readahead import read_ahead

    def load() -> None:
        held.append(load_dataset(folder, extents=(SIDE, SIDE), channels=3, split=False))

    def gather(number: int) -> int:
        part = held[0].test
        assert part is not None
        recipe = Recipe(epochs=1, mean=(0.5,) * 3, std=(0.25,) * 3)
        samples = read_samples(part.inputs, part.labels, recipe)
        order, seen = epoch_order(0, number, samples.count), 0
        for step in range(-(-samples.count // BATCH)):
            seen += len(take(samples.inputs, order[step * BATCH : (step + 1) * BATCH]).to(Engine().device))
            read_ahead(samples.inputs, order[(step + 1) * BATCH : (step + 2) * BATCH])
        return seen

    held: list[LoadedSet] = []
    keep_large_blocks()  # as `striate train` does before all else
    first = _time(load) + _time(lambda: gather(0))
    return [first, *(_time(partial(gather, number)) for number in range(1, passes))]


def _time(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def measure(way: str, folder: Path, passes: int) -> list[float]:
    """Run one way in a process of its own, ours with an empty cache; seconds of its passes."""
    with tempfile.TemporaryDirectory() as cache:
        command = [sys.executable, __file__, "--way", way, "--folder", str(folder), "--passes", str(passes)]
        environment = {**os.environ, "STRIATE_CACHE": cache}
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return [float(value) for value in done.stdout.split()]


def write_row(name: str, ours: Sequence[float], common: Sequence[float], claim: float) -> str:
    """One line of the table."""
    cells = [f"{statistics.median(each):.3g} ({min(each):.3g} to {max(each):.3g})" for each in (common, ours)]
    ratio = statistics.median(common) / statistics.median(ours)
    return f"| {name} | {cells[0]} | {cells[1]} | {ratio:.1f} | {claim:g} | {'yes' if ratio >= claim else 'no'} |"


def main() -> None:
    """Print a table: first and later passes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--photos", type=Path, help="the folder of pictures to cut from")
    parser.add_argument("--files", type=int, default=5000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--passes", type=int, default=3, help="passes in each round, the first one counted")
    parser.add_argument("--way", choices=("ours", "common"), help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    wanted = parser.parse_args()
    if wanted.way:
        seconds = (pass_ours if wanted.way == "ours" else pass_commonly)(wanted.folder, wanted.passes)
        print(*seconds)
        return
    if not wanted.photos:
        parser.error("--photos: which folder are the pictures to be cut from?")
    first: Figures = {"ours": [], "common": []}
    later: Figures = {"ours": [], "common": []}
    with tempfile.TemporaryDirectory() as folder:
        make_folder(wanted.photos, Path(folder), wanted.files)
        for number in range(wanted.rounds):
            for way in ("common", "ours") if number % 2 else ("ours", "common"):
                seconds = measure(way, Path(folder), wanted.passes)
                first[way].append(seconds[0])
                later[way] += seconds[1:]
    print(f"{wanted.files:,} JPEGs, {wanted.rounds} rounds; seconds a pass: median (lowest to highest)")
    print("| pass | Pillow in 2 workers | Striate | ratio of medians | claimed | met |")
    print("| --- | --- | --- | --- | --- | --- |")
    print(write_row("first", first["ours"], first["common"], 1.5))
    print(write_row("later", later["ours"], later["common"], 10.0))


if __name__ == "__main__":
    main()
