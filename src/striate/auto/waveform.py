"""Chooses a network for recordings as they are, one number after another, from their rate and length.

The first convolution is a bank of filters long enough to tell pitches apart and moves a millisecond at a time. Its
frames are brought to a quarter at once: they are the most costly maps, and what was loudest within four of them still
says when it was. From there on it is the field's usual network, along one axis.

Source: Dai, Dai, Qu, Li and Das 2016, "Very deep convolutional neural networks for raw waveforms", arXiv:1610.00087.
"""

from __future__ import annotations

from striate.auto.network import Design

STEP_SECONDS = 0.001  # of the first convolution
WIDE = 8  # so many steps are as long as a filter of it
FIRST_CHANNELS, MOST_CHANNELS = 64, 256
LEAST_FRAMES = 40  # of the last maps: halving stops before there are fewer
MOST_HALVINGS = 4
DROPOUT = 0.2


def design_waveform(channels: int, length: int, rate: float) -> Design:
    """Write a network for waveforms of `channels` x `length` samples, of which `rate` make a second.

    Cost:    integers alone.

    >>> print(design_waveform(1, 5360, 8000).text.strip())
    input 1x5360
    def down(n) = maxpool2, conv3-n, bn, relu
    def block(n) = add[conv3-n, bn, relu, conv3-n, bn | ], relu
    conv64-64/8, bn, relu, maxpool4
    conv3-64, bn, relu, block(64), down(128), block(128), down(256), block(256)
    gap, flatten, dropout p=0.2, fc-classes
    """
    step = choose_step(rate, length)
    halvings = count_halvings(length // step)
    widths = [min(MOST_CHANNELS, FIRST_CHANNELS * 2**stage) for stage in range(max(halvings - 1, min(1, halvings)))]
    stages = [f"{f'down({n})' if place else f'conv3-{n}, bn, relu'}, block({n})" for place, n in enumerate(widths)]
    lines = [
        f"input {channels}x{length}",
        *(["def down(n) = maxpool2, conv3-n, bn, relu"] if len(stages) > 1 else []),
        *(["def block(n) = add[conv3-n, bn, relu, conv3-n, bn | ], relu"] if stages else []),
        f"conv{WIDE * step}-{FIRST_CHANNELS}/{step}, bn, relu" + (f", maxpool{min(4, 2**halvings)}" if stages else ""),
        *([", ".join(stages)] if stages else []),
        f"gap, flatten, dropout p={DROPOUT:g}, fc-classes",
    ]
    return Design("\n".join(lines) + "\n", _explain(step, halvings, length, rate))


def choose_step(rate: float, length: int) -> int:
    """Choose how many samples the first convolution moves: a power of two, of about a millisecond.

    >>> choose_step(8000, 5360), choose_step(44100, 220500), choose_step(8000, 20)
    (8, 64, 2)
    """
    step = 1
    while 2 * step <= 1.5 * STEP_SECONDS * rate and 2 * WIDE * step <= length:
        step *= 2
    return step


def count_halvings(frames: int) -> int:
    """Count how often the maps are halved, so that at least 40 frames are left, at most 4 times.

    >>> count_halvings(670), count_halvings(30)
    (4, 0)
    """
    halvings = 0
    while halvings < MOST_HALVINGS and frames // 2 ** (halvings + 1) >= LEAST_FRAMES:
        halvings += 1
    return halvings


def _explain(step: int, halvings: int, length: int, rate: float) -> tuple[str, ...]:
    frames = length // step
    return (
        f"recordings as they are: the first convolution is a bank of {FIRST_CHANNELS} filters of "
        f"{1000 * WIDE * step / rate:.3g} ms, {1000 * step / rate:.3g} ms apart, which learns its own spectrum",
        f"{halvings} halvings{', the first two at once' if halvings > 1 else ''}, channels doubled up to "
        f"{MOST_CHANNELS}: {frames} frames become {frames >> halvings}",
        "batch normalisation and residual blocks: they train at a high learning rate",
        "the mean over time at the end: a sound counts by how long it lasts, wherever it is",
    )
