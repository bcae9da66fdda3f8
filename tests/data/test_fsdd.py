"""The spoken digits by name, against a reading of the archive with tarfile and wave alone."""

from __future__ import annotations

import io
import os
import tarfile
import wave
from pathlib import Path

import numpy as np
import pytest
import soundfile

from striate.data import load_dataset
from striate.errors import DataError

HOME = Path(os.environ.get("STRIATE_DATA", "")) / "fsdd" / "fsdd-recordings.tar.gz"


@pytest.mark.skipif(not HOME.is_file(), reason="the archive isn't here")
def test_the_official_split_and_every_sample() -> None:
    data = load_dataset("fsdd")
    assert data.official
    assert data.test is not None
    assert data.val is not None
    assert (len(data.train), len(data.val), len(data.test)) == (2430, 270, 300)
    assert data.classes == tuple("0123456789")
    assert all(int(name[:-4].split("_")[-1]) < 5 for name in data.test.names)
    length = data.facts.extents[0]
    with tarfile.open(HOME) as packed:
        for place in (0, 77, 299):
            name = data.test.names[place]
            member = packed.extractfile(name)
            assert member is not None
            with wave.open(io.BytesIO(member.read())) as sound:
                plain = np.frombuffer(sound.readframes(sound.getnframes()), "<i2").astype(float)
            assert data.classes[data.test.labels[place]] == Path(name).name[0]
            kept = data.test.inputs[place, 0].astype(float)
            scaled = plain * (0.9 * 32768 / np.abs(plain).max())
            if len(plain) <= length:
                assert np.abs(kept[: len(plain)] - scaled).max() <= 1
                assert not kept[len(plain) :].any()


def test_a_copy_of_the_repository_will_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIATE_DATA", str(tmp_path))
    folder = tmp_path / "fsdd" / "recordings"
    folder.mkdir(parents=True)
    rng = np.random.default_rng(0)
    for digit in range(10):
        for speaker in ("ann", "bob", "cyd"):
            for number in (0, 5, 6):
                soundfile.write(folder / f"{digit}_{speaker}_{number}.wav", rng.uniform(-0.5, 0.5, 800), 8000)
    data = load_dataset("fsdd")
    assert data.test is not None
    assert len(data.test) == 30
    held = load_dataset("fsdd", grouping={"hold_out": "bob"})
    assert held.test is not None
    assert len(held.test) == 30
    assert all("_bob_" in name for name in held.test.names)


def test_where_it_isnt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STRIATE_DATA", str(tmp_path))
    with pytest.raises(DataError, match=r"fsdd: is not below \$STRIATE_DATA"):
        load_dataset("fsdd")
    (tmp_path / "fsdd").mkdir()
    with pytest.raises(DataError, match=r"found no recording such as 7_theo_3\.wav"):
        load_dataset("fsdd")
