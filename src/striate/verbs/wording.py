"""Texts for a run of words, and its inputs as the words that the network saw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from striate.errors import InputError
from striate.verbs.runs import Run

if TYPE_CHECKING:
    from striate.data.part import Inputs


def read_texts(run: Run, texts: Sequence[str]) -> Inputs:
    """Texts as the run's network takes them: token numbers by its own vocabulary.

    Shape:   int16 [N, 1, length].
    Raises:  InputError for a run that wasn't trained on words; DataError for a text without a word.
    """
    from striate.data.words import encode_texts

    if run.reading is None or run.reading.get("kind") != "words":
        raise InputError(f"texts: {run.path.name} was not trained on words, needed a run that was. Give files")
    if isinstance(texts, str) or not all(isinstance(text, str) for text in texts) or not len(texts):
        raise InputError("texts: needed a list of them, such as texts=['not like ML']. Give one")
    return encode_texts(texts, run.reading, run.input[1:])


def refuse_symbols(run: Run, what: str, instead: str) -> None:
    """Refuse, of a run of words, what would change the numbers of words little by little.

    Raises:  InputError, with what can be had `instead`.
    """
    if (run.reading or {}).get("kind") == "words":
        raise InputError(f"{what}: found a run of words, whose numbers are names, needed one of values. Take {instead}")


def list_words(run: Run, inputs: Any) -> tuple[tuple[str, ...], ...]:
    """The words of each input of a run of words, padding left out; nothing for any other run."""
    from striate.data.words import decode_cells

    if run.reading is None or run.reading.get("kind") != "words":
        return ()
    return tuple(tuple(decode_cells(each.float().cpu().numpy(), run.reading)) for each in inputs)
