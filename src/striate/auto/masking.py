"""Chooses a network that cleans waveforms: learned filters take a sound apart, a mask keeps what belongs to it.

The first convolution is a bank of filters, four milliseconds or so apart; layers that see ever farther in time tell,
for each filter and moment, which share of it is the sound's; a transposed convolution puts what is left together again.

Source: Luo and Mesgarani 2019, "Conv-TasNet: surpassing ideal time-frequency magnitude masking for speech separation",
arXiv:1809.07454.
"""

from __future__ import annotations

from striate.auto.network import Design
from striate.auto.waveform import choose_step

FILTERS, CHANNELS = 256, 96
HOP = 4  # of a waveform classifier's steps, a millisecond each or so: what speech says changes more slowly
WIDE = 8  # so many steps are as long as a filter
DILATIONS = (1, 2, 4, 8, 16)
ROUNDS = 2


def design_masking(channels: int, length: int, rate: float) -> Design:
    """Write a network for waveforms of `channels` x `length` samples, of which `rate` make a second.

    Cost:    integers alone.

    >>> print(design_masking(1, 5361, 8000).text)
    input 1x5361
    def block(d) = add[conv1-96, bn, relu, conv3-96 dilation=d, bn, relu | ]
    def blocks() = block(1), block(2), block(4), block(8), block(16)
    conv256-256/32, relu
    mul[ | bn, conv1-96, blocks()*2, conv1-256, sigmoid]
    deconv256-classes/32, crop pad=0:15
    """
    step = HOP * choose_step(rate, length)
    extra = -length % step
    each = ", ".join(f"block({dilation})" for dilation in DILATIONS)
    lines = [
        f"input {channels}x{length}",
        f"def block(d) = add[conv1-{CHANNELS}, bn, relu, conv3-{CHANNELS} dilation=d, bn, relu | ]",
        f"def blocks() = {each}",
        f"conv{WIDE * step}-{FILTERS}/{step}, relu",
        f"mul[ | bn, conv1-{CHANNELS}, blocks()*{ROUNDS}, conv1-{FILTERS}, sigmoid]",
        f"deconv{WIDE * step}-classes/{step}" + (f", crop pad=0:{extra}" if extra else ""),
    ]
    return Design("\n".join(lines) + "\n", _explain(step, rate))


def _explain(step: int, rate: float) -> tuple[str, ...]:
    seen = 1000 * step * (1 + 2 * ROUNDS * sum(DILATIONS)) / rate
    return (
        f"{FILTERS} learned filters of {1000 * WIDE * step / rate:.3g} ms, {1000 * step / rate:.3g} ms apart, take the "
        "sound apart",
        "a mask of 0 to 1 for each filter and moment keeps what is of the sound; what is kept is put together again",
        f"dilations of 1 to {DILATIONS[-1]}, twice: the mask sees {seen:.0f} ms",
    )
