"""What each method's maps are worth where the truth was planted: the trust figures beside the place that is right.

Claim: the best three methods peak in the planted cells in 90 % of the maps and more and are called trustworthy; an edge
detector that poses as a method is not, nor is guided backpropagation.

The networks and data are those of `tests/explain/planted.py`, the samples held out. Random and edges are controls that
see no network. Deletion and insertion are areas below the curve of the target's probability; pointing is the share of
maps that peak in the planted cells, mass the share of magnitude in them; the rank correlations are those with the maps
of the network with all layers, and with the top layer alone, randomised, by magnitude; staying is the verdict's own:
their mean over all stages, of the values as drawn.

    python benchmarks/explain_trust.py                                   # the claim: some minutes
    python benchmarks/explain_trust.py --count 8 --kinds sounds          # a quick look
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

import torch
from tests.explain.planted import KINDS, Trained, find_mass, find_pointing, train_planted

from striate.errors import InputError
from striate.explain.heat import Heat
from striate.explain.hooks import untouched
from striate.explain.methods.catalogue import METHODS, Method
from striate.explain.question import Answer, Question
from striate.explain.trust import judge_heat
from striate.explain.trust.controls import draw_random, find_edges
from striate.explain.trust.trust import mean
from striate.explain.trust.verdict import find_staying

CONTROLS = (
    Method(
        "edges",
        "an edge detector",
        lambda question: Answer(find_edges(question.inputs)),
        "edges",
        "sees no network",
        "-",
    ),
    Method(
        "random",
        "random",
        lambda question: Answer(draw_random(question.inputs, question.seed + 1)),
        "noise",
        "chance",
        "-",
    ),
)
HEADER = (
    "| method | deletion | insertion | pointing | mass | all layers | top layer | staying | trusted | seconds |\n"
    "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |"
)


def measure(method: Method, trained: Trained, count: int) -> str:
    """One row of the table."""
    inputs, where = trained.held.inputs[:count], trained.held.where[:count]
    with torch.no_grad():
        target = trained.module(inputs).argmax(1)
    question, start = Question(trained.module, inputs, target), time.perf_counter()
    with untouched(trained.module):
        answer = method.compute(question)
        values = answer.values.detach()
        question = Question(trained.module, inputs, target, answer.layer if method.layered else None)
        trust = judge_heat(question, Heat(values, method.name, (), signed=method.signed), method.compute)
    stages = trust.stages
    staying = find_staying([stage.drawn for stage in stages])
    figures = [mean(trust.deletion.found), mean(trust.insertion.found), find_pointing(values, where)]
    figures += [find_mass(values, where), mean(stages[-1].absolute), mean(stages[0].absolute), staying]
    word, seconds = "yes" if trust.trustworthy else "no", time.perf_counter() - start
    return f"| {method.name} | {' | '.join(f'{value:.2f}' for value in figures)} | {word} | {seconds:.1f} |"


def tabulate(kind: str, count: int, names: list[str]) -> Iterator[str]:
    """The table of one kind of planted data, line by line."""
    trained = train_planted(kind)
    yield f"\n{kind}, {count} samples; the network is right on {trained.accuracy:.1%}\n\n{HEADER}"
    for method in (*METHODS.values(), *CONTROLS):
        if not names or method.name in names:
            try:
                yield measure(method, trained, count)
            except InputError as fault:
                yield f"| {method.name} | {fault} |"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=64, help="samples of each kind")
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--methods", default="", help="only these, by comma")
    arguments = parser.parse_args()
    for kind in arguments.kinds.split(","):
        for line in tabulate(kind, arguments.count, [name for name in arguments.methods.split(",") if name]):
            print(line, flush=True)


if __name__ == "__main__":
    main()
