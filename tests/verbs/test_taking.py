from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import torch
from tests.verbs.draw import Finished

from striate.errors import InputError
from striate.nets.export.catalogue import FORMATS
from striate.verbs.taking import list_formats, take_away


def test_every_format_is_offered_once() -> None:
    assert {offer.name for offer in list_formats()} == {form.name for form in FORMATS.values()}
    assert len(list_formats()) == len({form.name for form in FORMATS.values()})


def test_a_run_is_one_file_of_so_many_bytes(finished: Finished, tmp_path: Path) -> None:
    taken = take_away(finished.run, ".pt", tmp_path)
    assert taken.path == tmp_path / f"{finished.run.path.name}.pt"
    assert taken.bytes == taken.path.stat().st_size
    state = torch.load(taken.path, weights_only=True)
    assert all(torch.equal(state[name], value) for name, value in finished.run.module.state_dict().items())


def test_several_files_come_as_one(finished: Finished, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from striate.verbs import exporting

    def write(run: object, path: Path, **options: object) -> object:
        beside = path.with_name(path.name + ".data")
        path.write_bytes(b"graph"), beside.write_bytes(b"weights")
        return type("Exported", (), {"path": path, "files": (path, beside)})()

    monkeypatch.setattr(exporting, "export", write)
    taken = take_away(finished.run, ".onnx", tmp_path)
    with zipfile.ZipFile(taken.path) as archive:
        assert {name: archive.read(name) for name in archive.namelist()} == {
            f"{finished.run.path.name}.onnx": b"graph",
            f"{finished.run.path.name}.onnx.data": b"weights",
        }
    assert taken.bytes == taken.path.stat().st_size


@pytest.mark.parametrize("suffix", [".exe", "", "../x.pt", ".pth"])
def test_another_ending_is_refused(finished: Finished, tmp_path: Path, suffix: str) -> None:
    with pytest.raises(InputError, match="format: found"):
        take_away(finished.run, suffix, tmp_path)
    assert not list(tmp_path.iterdir())
