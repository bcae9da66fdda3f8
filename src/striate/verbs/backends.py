"""Other runtimes that answer for a run: ONNX Runtime and OpenVINO, from the run's own export to ONNX.

The export is made once for each set of weights and kept in the user's cache folder; normalisation, batches and views
stay ours, so that a runtime stands where the module would.
"""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

from striate.errors import InputError
from striate.verbs.exporting import make_subject

if TYPE_CHECKING:
    from torch import Tensor, nn

    from striate.engine import Pins
    from striate.verbs.runs import Run

    Work = Callable[[Any], Any]

BACKENDS = ("onnxruntime", "openvino")
_EXTRAS = {"onnxruntime": "onnx", "openvino": "openvino"}


def open_backend(name: str, run: Run, pins: Pins) -> Any:
    """The run's network in another runtime, as a module from normalised floats to scores; its `label` says what it is.

    Raises:  InputError where the runtime isn't installed, or can't do what is settled.
    """
    if find_spec(name) is None:
        found = f"--engine {name}: found no {name}, needed it"
        raise InputError(f"{found}. `pip install 'striate[{_EXTRAS[name]}]'`, or leave --engine out")
    if pins.memory_format is not None:
        raise InputError(f"--layout: {name} lays its tensors out itself, needed no wish. Leave --layout out")
    threads = pins.threads or run.engine.threads
    opener = {"onnxruntime": _open_onnxruntime, "openvino": _open_openvino}[name]
    with TemporaryDirectory() as spare:
        file, made = _find_export(run, Path(spare))
        try:
            work, precision = opener(file, threads, pins.precision)
        except InputError:
            raise
        except Exception:  # each runtime has a class of its own for a file that is torn
            if made:
                raise
            _write_export(run, file)
            work, precision = opener(file, threads, pins.precision)
    count = f"{threads} thread{'s' if threads > 1 else ''}"
    return _make_session(work, f"{name} {version(name)} {precision}, {count}")


def hash_weights(module: nn.Module) -> str:
    """A short hash of a module's operations and of every number in it."""
    import torch

    from striate.engine.structure import hash_structure

    digest = blake2b(f"{hash_structure(module)} {torch.__version__}".encode(), digest_size=16)
    for name, value in module.state_dict().items():
        digest.update(name.encode())
        digest.update(value.detach().cpu().contiguous().reshape(-1).view(torch.uint8).numpy())
    return digest.hexdigest()


def _find_export(run: Run, spare: Path) -> tuple[Path, bool]:
    """The run's export, from the cache folder or made now; and whether it was made now."""
    from striate.data.cache import cache_home

    home = cache_home()
    file = (home / "exported" / hash_weights(run.module) if home else spare) / "network.onnx"
    if file.is_file():
        return file, False
    file.parent.mkdir(parents=True, exist_ok=True)
    _write_export(run, file)
    return file, True


def _write_export(run: Run, file: Path) -> None:
    from striate.nets.export.writing import write

    write(make_subject(run), file, overwrite=True)


def _open_onnxruntime(file: Path, threads: int, precision: str | None) -> tuple[Work, str]:
    import onnxruntime

    if precision not in (None, "fp32"):
        needed = "needed fp32, the only one that ONNX Runtime answers in on a CPU"
        raise InputError(f"--precision {precision}: {needed}. Leave it out, or take another --engine")
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads, options.log_severity_level = threads, 4
    session = onnxruntime.InferenceSession(str(file), options, providers=["CPUExecutionProvider"])
    name = session.get_inputs()[0].name
    return lambda values: session.run(None, {name: values})[0], "fp32"


def _open_openvino(file: Path, threads: int, precision: str | None) -> tuple[Work, str]:
    import openvino

    hints = {"fp32": "f32", "bf16": "bf16"}
    settings: dict[str, Any] = {"INFERENCE_NUM_THREADS": threads}
    if precision is not None:
        settings["INFERENCE_PRECISION_HINT"] = hints[precision]
    compiled = openvino.Core().compile_model(str(file), "CPU", settings)
    found = str(compiled.get_property("INFERENCE_PRECISION_HINT").get_type_name())
    return lambda values: compiled(values)[0], {"f32": "fp32"}.get(found, found)


def _make_session(work: Work, label: str) -> nn.Module:
    """A runtime in a module's clothes."""
    import torch
    from torch import nn

    class Session(nn.Module):
        """Normalised floats, [N, channels, *extents], to scores, [N, classes]."""

        def __init__(self) -> None:
            super().__init__()
            self.label = label

        def forward(self, input: Tensor) -> Tensor:
            """Hand the batch to the runtime."""
            scores: Tensor = torch.from_numpy(work(input.contiguous().numpy()))
            return scores

    return Session()
