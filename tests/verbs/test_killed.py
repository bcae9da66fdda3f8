"""A run killed by the kernel at several moments ends as one that nobody disturbed, bit for bit."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from tests.verbs import sittings
from tests.verbs.draw import FILES, take_bytes

import striate
from striate.train import RunFolder


@pytest.mark.skipif(sys.platform == "win32", reason="needs fork and SIGKILL")
def test_a_run_killed_at_any_moment_ends_as_if_nothing_had_happened(tmp_path: Path) -> None:
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    places = [str(Path(striate.__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONPATH": os.pathsep.join(filter(None, places))}
    command = [sys.executable, sittings.__file__, str(whole), str(killed)]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=300)
    assert done.returncode == 0, done.stderr
    kills = json.loads(done.stdout)
    assert sum(kills) >= 3, done.stderr  # a busy machine may let a sitting end before its moment is seen
    assert not kills[-1]
    first, second = take_bytes(whole), take_bytes(killed)
    assert {name.split("/")[0] for name in second} == FILES
    assert first.keys() == second.keys()
    same = {"net.txt", "settings.json", "weights.safetensors", "result.json", "state/trained.txt"}
    assert [name for name in sorted(same) if first[name] != second[name]] == []
    clocks = {"seconds", "images_per_second", "notes"}
    histories = [
        [{name: value for name, value in record.items() if name not in clocks} for record in folder.read_history()]
        for folder in map(RunFolder, (whole, killed))
    ]
    assert histories[0] == histories[1]
    assert len(histories[0]) == 6


def test_a_torn_file_would_be_noticed(tmp_path: Path) -> None:
    for name in ("a.json", "a.jsonl", "a.safetensors", "a.html", "a.txt"):
        (tmp_path / name).write_text('{"torn')
        with pytest.raises(Exception, match=r"torn|Expecting|Unterminated|header"):
            sittings.check_whole(tmp_path)
        (tmp_path / name).unlink()
