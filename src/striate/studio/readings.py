"""An upload as a network takes it: as a run reads files of its own, or at the size that fresh weights need.

What goes wrong with a file is the user's to know, whichever limit it broke: `Refused` becomes a DataError here.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from striate.errors import DataError, InputError
from striate.studio.refusal import Refused

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from torch import Tensor

    from striate.studio.uploads import Upload, Uploads
    from striate.verbs import Run


def read_for_run(run: Run, upload: Upload, uploads: Uploads) -> NDArray[Any]:
    """Read an upload as `predict` reads a run's files; a text here, by the run's vocabulary, for nothing is decoded.

    An array, where the run's data were no arrays, is taken as it stands.
    Shape:   [channels, *extents].
    Raises:  InputError for another medium than the run's, DataError for a file that can't be read so.
    """
    import numpy as np

    from striate.data.files import find_kind
    from striate.verbs.wording import read_texts

    kind = find_kind(run.reading)
    if kind == "words":
        if upload.kind != "text":
            raise InputError("this run reads texts, needed a file that ends in .txt. Give one, or type the text")
        text: NDArray[Any] = read_texts(run, [bytes(upload.values).decode("utf-8-sig")])[0]
        return text
    if upload.kind == "array" and kind != "volumes":
        return _take_one(np.array(upload.values), run.input)
    wanted = {"extents": list(run.input[1:]), "channels": run.input[0], "reading": run.reading}
    return np.array(_decode(upload, uploads, wanted).values)


def read_at_size(upload: Upload, uploads: Uploads, shape: tuple[int, ...]) -> Tensor:
    """Read a file for fresh weights: a picture at the network's size, a sound's beginning, an array's numbers.

    Shape:   [1, channels, *extents].
    Raises:  as `read_for_run`.
    """
    import numpy as np

    from striate.nets import write_shape
    from striate.verbs.spelling import fit_samples, scale_values

    if upload.kind == "text":
        raise InputError("a text goes into a run that was trained on words, or a table's series. Choose such a run")
    if upload.kind == "image":
        if len(shape) != 3 or shape[0] not in (1, 3):
            raise InputError(f"a picture: the network takes {write_shape(shape)}, needed 1 or 3 channels and 2 axes")
        upload = _decode(upload, uploads, {"extents": list(shape[1:]), "channels": shape[0]})
    values = _take_one(np.array(upload.values), shape)
    return scale_values(fit_samples(values, shape) if upload.kind in ("sound", "clip") else values, shape)


def _take_one(values: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any]:
    """An array, or the only one of a batch of 1."""
    first: NDArray[Any] = values[0] if values.shape[1:] == tuple(shape) and len(values) == 1 else values
    return first


def _decode(upload: Upload, uploads: Uploads, wanted: Mapping[str, Any]) -> Upload:
    try:
        return uploads.decode(upload.path, wanted)
    except Refused as refused:
        raise DataError(refused.message) from None
