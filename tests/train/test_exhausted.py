"""Memory that runs out while a network trains or answers, under a true limit of the system's."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from striate.engine import Engine
from striate.errors import RunError
from striate.train import Recipe, RunFolder, compute_logits, fit, load_latest

HUGE = 2**60
RECIPE = Recipe(epochs=2, batch=16, lr=0.05, mean=(0.5,), std=(0.5,))
INPUTS = np.random.default_rng(0).integers(0, 256, (48, 1, 8, 8), dtype=np.uint8)
LABELS = np.arange(48) % 3
SCRIPT = """
import json, re, resource
import numpy as np, torch
from torch import nn
from striate.engine import Engine, keep_large_blocks
from striate.train import Recipe, fit

keep_large_blocks()
inputs = np.random.default_rng(0).integers(0, 256, (64, 1, 64, 64), dtype=np.uint8)
recipe = Recipe(epochs=2, batch=32, lr=0.01, mean=(0.5,), std=(0.5,))

def make():
    torch.manual_seed(1)
    return nn.Sequential(nn.Conv2d(1, 64, 3, padding=1), nn.BatchNorm2d(64), nn.ReLU(), nn.Conv2d(64, 64, 3, padding=1),
                         nn.ReLU(), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(64, 2))

def train(module, **options):
    notes = []
    history = fit(module, inputs, np.arange(64) % 2, recipe, Engine(), progress_seconds=0.0,
                  on_progress=lambda progress: notes.extend(progress.notes), **options)
    return history, notes

first, second = make(), make()
make()(torch.zeros(2, 1, 64, 64)).sum().backward()  # what loads lazily is loaded
taken = 1024 * int(re.search(r"VmSize:\\s+(\\d+)", open("/proc/self/status").read())[1])
# A whole batch takes some 32 MiB (32 x 64 x 64 x 64 floats) for each of half a dozen tensors.
resource.setrlimit(resource.RLIMIT_AS, (taken + 100 * 2**20, resource.RLIM_INFINITY))
history, notes = train(first)
parts = int(re.search(r"in (\\d+) parts", notes[0])[1])
resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
train(second, parts=parts)
same = all(torch.equal(value, second.state_dict()[name]) for name, value in first.state_dict().items())
records = [record.get("notes") for record in history]
print(json.dumps({"notes": notes, "records": records, "parts": parts, "same": same}))
"""


class Greedy(nn.Module):
    """Takes more memory than there is where it is given more than so many samples; `most` may change."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.seen: list[int] = []

    def forward(self, batch: torch.Tensor) -> torch.Tensor:
        if len(batch) > self.most:
            torch.empty(HUGE)
        self.seen.append(len(batch))
        return batch


def make_greedy(most: int) -> nn.Sequential:
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        return nn.Sequential(nn.Conv2d(1, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(144, 3), Greedy(most))


def find_greed(module: nn.Module) -> Greedy:
    return next(part for part in module.modules() if isinstance(part, Greedy))


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs RLIMIT_AS")
def test_under_a_true_limit_the_batch_is_split_and_the_step_taken() -> None:
    done = subprocess.run([sys.executable, "-c", SCRIPT], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found["parts"] in (2, 4, 8)
    (note,) = found["notes"]
    assert note.startswith("epoch 1, step 1: out of memory. Each batch of 32 goes through in")
    assert found["records"] == [[note], None]
    assert found["same"]


def test_a_run_that_split_its_batches_and_was_killed_ends_with_the_bits_of_one_that_was_not(
    tmp_path: Path,
) -> None:
    """Resumed where there is memory enough, it keeps the split."""
    whole = make_greedy(5)
    fit(whole, INPUTS, LABELS, RECIPE, Engine())
    folder = RunFolder.create(tmp_path / "run")

    def kill(progress: object) -> None:
        raise KeyboardInterrupt

    for sitting in range(3):
        with pytest.raises(KeyboardInterrupt):
            fit(
                make_greedy(5 if not sitting else 48),
                *(INPUTS, LABELS, RECIPE, Engine()),
                folder=folder,
                resume=True,
                on_progress=kill if sitting else lambda progress: kill(progress) if progress.step == 2 else None,
                progress_seconds=0.0,
                checkpoint_seconds=0.0,
            )
    resumed = make_greedy(48)
    history = fit(resumed, INPUTS, LABELS, RECIPE, Engine(), folder=folder, resume=True)
    assert all(torch.equal(value, resumed.state_dict()[name]) for name, value in whole.state_dict().items())
    assert max(find_greed(resumed).seen) <= 48
    assert "in 4 parts" in history[0]["notes"][0]
    checkpoint, _ = load_latest(folder.state)
    assert checkpoint is not None
    assert checkpoint.recovery["parts"] == 4


def test_where_two_samples_do_not_fit_it_says_so(tmp_path: Path) -> None:
    folder = RunFolder.create(tmp_path / "run")
    module = make_greedy(2)
    find_greed(module).most = 48

    def shrink(progress: object) -> None:
        find_greed(module).most = 1

    with pytest.raises(
        RunError, match=r"step 3: out of memory, even with two samples at a time\. The last good"
    ) as found:
        fit(
            module,
            *(INPUTS, LABELS, RECIPE, Engine()),
            folder=folder,
            on_progress=lambda progress: shrink(progress) if progress.step == 2 else None,
            progress_seconds=0.0,
            checkpoint_seconds=0.0,
        )
    assert "\n" not in str(found.value)
    checkpoint, _ = load_latest(folder.state)
    assert checkpoint is not None
    assert checkpoint.step == 2


def test_memory_that_runs_out_in_the_update_sends_the_run_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """There the weights may be half changed, so the step can't be taken again from where it stands."""
    from striate.train.optimizers import SGD

    move, calls = SGD.move, list[int]()

    def fail_once(self: SGD, names: list[str], parameters: list[torch.Tensor], *rest: object) -> None:
        calls.append(len(calls))
        if len(calls) == 5:
            torch._foreach_add_(parameters, 1.0)
            torch.empty(HUGE)
        move(self, names, parameters, *rest)  # type: ignore[arg-type]

    first, second = make_greedy(48), make_greedy(48)
    with monkeypatch.context() as patch:
        patch.setattr(SGD, "move", fail_once)
        history = fit(first, INPUTS, LABELS, RECIPE, Engine())
    assert "out of memory. Each batch of 16 goes through in 2 parts now" in history[0]["notes"][0]
    assert [record["step"] for record in history] == [3, 6]
    fit(second, INPUTS, LABELS, RECIPE, Engine(), parts=2)
    assert torch.allclose(first.get_parameter("3.weight"), second.get_parameter("3.weight"), atol=0.05)


def test_answers_come_in_smaller_batches() -> None:
    whole, module = make_greedy(48), make_greedy(7)
    expected = compute_logits(whole, INPUTS, RECIPE, Engine())
    found = compute_logits(module, INPUTS, RECIPE, Engine(), batch=40)
    assert np.allclose(found, expected, atol=1e-5)
    assert set(find_greed(module).seen) == {5, 3}
    with pytest.raises(RunError, match="even with one input at a time"):
        compute_logits(make_greedy(0), INPUTS, RECIPE, Engine())
