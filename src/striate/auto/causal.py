"""Chooses a network for windows of a series: no cell sees what comes after it, and the last one sees the whole window.

Source: Bai, Kolter and Koltun 2018, "An empirical evaluation of generic convolutional and recurrent networks for
sequence modeling", arXiv:1803.01271, sec. 3.
"""

from __future__ import annotations

from striate.auto.network import Design

SIZE = 3  # of each filter; two layers a block
CHANNELS = 32


def design_series(channels: int, window: int) -> Design:
    """Write a network for windows of `channels` x `window`.

    Cost:    integers alone.

    >>> print(design_series(1, 32).text)
    input 1x32
    def layer(n, d) = conv3-n pad=causal dilation=d, bn, relu
    def block(n, d) = add[layer(n, d), conv3-n pad=causal dilation=d, bn | ], relu
    cat[conv1-32, block(32, 1), block(32, 2), block(32, 4), block(32, 8), crop pad=31:0 | crop pad=31:0]
    flatten, fc-classes
    """
    steps = choose_dilations(window)
    blocks = ", ".join(f"block({CHANNELS}, {step})" for step in steps)
    last = f"crop pad={window - 1}:0"
    lines = [
        f"input {channels}x{window}",
        f"def layer(n, d) = conv{SIZE}-n pad=causal dilation=d, bn, relu",
        f"def block(n, d) = add[layer(n, d), conv{SIZE}-n pad=causal dilation=d, bn | ], relu",
        f"cat[conv1-{CHANNELS}, {blocks}, {last} | {last}]",
        "flatten, fc-classes",
    ]
    return Design("\n".join(lines) + "\n", _explain(window, steps))


def choose_dilations(window: int) -> tuple[int, ...]:
    """Double the dilation until the last cell sees the whole window.

    >>> choose_dilations(32), choose_dilations(5)
    ((1, 2, 4, 8), (1,))
    """
    steps = [1]
    while 1 + 2 * (SIZE - 1) * sum(steps) < window:
        steps.append(2 * steps[-1])
    return tuple(steps)


def _explain(window: int, steps: tuple[int, ...]) -> tuple[str, ...]:
    field = 1 + 2 * (SIZE - 1) * sum(steps)
    return (
        "causal padding: no cell sees what comes after it",
        f"dilation doubled from block to block: the last cell sees {field} steps back, the window has {window}",
        "the last cell alone answers: it is the one that has seen the whole window",
        "the last values also go past the layers: what comes next is mostly what was there last",
    )
