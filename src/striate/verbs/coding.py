"""write_code: a network's text as plain PyTorch code, to be copied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from striate.verbs.sketching import place_text, read_text

if TYPE_CHECKING:
    from striate.nets.words.word import Shape


def write_code(text: str, input: Shape | None = None, classes: int | None = None) -> str:
    r"""Write a text's network as PyTorch code: `Net()` builds the same module, and needs no Striate in most cases.

    `adopt(Net(), module.state_dict())` gives it a built module's weights: they stand in the same order.

    Raises:  InputError where the text is wrong, or has what torch has no words for.

    >>> "nn.Conv2d(3, 8, 3, padding=1)" in write_code("input 3x8x8\nconv3-8, relu")
    True
    """
    from striate.nets.code import write_source

    placed = place_text(text, input, classes)
    shape = input or read_text(text).input or ()
    return write_source(placed, f"{'x'.join(map(str, shape))} to {'x'.join(map(str, placed[-1].output))}")
