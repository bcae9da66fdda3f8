"""Words whose order alone matters: does a 1-D network tell "not like ML" from "ML not like", and an mlp on counts not?

The sentences come from the small grammar of tests/data/sentences.py, by a seed: three words that matter, in one of two
orders, among phrases that are drawn alike for both classes. `auto` chooses the network for the texts; `narrow` is an
embedding, one convolution of width 3 and a global pool; the mlp gets how often each word stands in a text. All three
are trained by the recipe that `auto` chooses, on the very same sentences, split by the same seed.

`python benchmarks/words.py --texts 3000 --seeds 3 --epochs 12`
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from numpy.typing import NDArray

import striate
from striate.data import Dataset, load_dataset

sys.path.insert(0, str(Path(__file__).parents[1]))
from tests.data.sentences import compose, write_table

MLP = "flatten, fc-64, relu, fc-64, relu, fc-classes"


def narrow(dataset: Dataset) -> str:
    """A network of one convolution, three words wide."""
    numbers = 2 + len(str((dataset.reading or {})["vocabulary"]).split())
    return f"embed{numbers}-16, conv3-64, relu, gmp, flatten, fc-classes"


def count_words(dataset: Dataset) -> dict[str, NDArray[Any]]:
    """How often each word stands in each text, as arrays of bytes [N, 1, words] with their labels."""
    arrays: dict[str, NDArray[Any]] = {}
    numbers = 2 + len(str((dataset.reading or {})["vocabulary"]).split())
    for name, part in (("train", dataset.train), ("val", dataset.val), ("test", dataset.test)):
        assert part is not None
        counts = np.stack([np.bincount(row.reshape(-1), minlength=numbers)[1:] for row in part.inputs])
        arrays[f"x_{name}"], arrays[f"y_{name}"] = counts[:, None].astype(np.uint8), part.labels
    return arrays


def measure(texts: int, seed: int, epochs: int | None, folder: Path) -> dict[str, float]:
    """The accuracy of each network on the test part."""
    table = write_table(folder / f"texts-{seed}.csv", compose(texts, seed))
    dataset = load_dataset(table, seed=seed)
    asked: dict[str, Any] = {"seed": seed, "epochs": epochs, "probe": False}
    found = {}
    for name, net, data in (
        ("auto", "auto", table),
        ("narrow", narrow(dataset), table),
        ("mlp on counts", MLP, count_words(dataset)),
    ):
        run = striate.train(net, data, out=folder / f"{name}-{seed}", **asked)
        assert run.result is not None
        found[name] = float(run.result.accuracy or 0)
    return found


def main() -> None:
    """Measure with several seeds; print each, the means, and whether the goal is met."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--texts", type=int, default=3000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--epochs", type=int, default=12)
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        rows = [measure(chosen.texts, seed, chosen.epochs, Path(folder)) for seed in range(chosen.seeds)]
    for seed, row in enumerate(rows):
        print(json.dumps({"seed": seed, **row}))
    means = {name: mean(row[name] for row in rows) for name in rows[0]}
    met = means["auto"] >= 0.98 and means["narrow"] >= 0.98 and means["mlp on counts"] <= 0.6
    print(json.dumps({"texts": chosen.texts, "mean": means, "met": met}))


if __name__ == "__main__":
    main()
