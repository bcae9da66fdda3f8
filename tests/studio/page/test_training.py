"""The Train view in a real browser: from the page to the end, through a reload and the studio's death."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from sklearn.datasets import load_digits
from tests.browsing import find_faults
from tests.studio.conftest import Look, Served, wait

from striate.studio.jobs import Job

pytestmark = pytest.mark.browser
VIEW = "document.querySelector('.training')"
RUN = "document.querySelector('.followed')?.dataset"
NET = "conv3-8/2, relu, gap, flatten, fc-classes"
PATIENCE_SECONDS = 400
EPOCHS = 20


def press(page: Any, name: str) -> None:
    page.get_by_role("button", name=name, exact=True).click()


def find(page: Any, name: str) -> Any:
    """A control of the form."""
    return page.locator(f".training form [name={name}]")


def begin(page: Any, epochs: int, batch: int = 32) -> None:
    """Fill the form in for the Write view's text, and start."""
    wait(page, f"{VIEW}?.querySelectorAll('form option').length > 20")
    page.evaluate("(text) => sessionStorage.setItem('striate-write', JSON.stringify({ text }))", NET)
    find(page, "data").select_option(label="digits")
    find(page, "net").select_option(label="the text of the Write view")
    find(page, "unit").select_option("epochs")
    find(page, "length").fill(str(epochs))
    page.get_by_text("More options").click()
    find(page, "batch").fill(str(batch))
    find(page, "probe").uncheck()
    press(page, "Start")


def is_alive(job: Job) -> bool:
    return job.is_alive


def wait_for(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)


@contextmanager
def studio(folder: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A studio as a process of its own, and its link."""
    command = [sys.executable, "-m", "striate", "studio", str(folder), "--no-browser"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield process, process.stdout.readline().strip()
        finally:
            process.kill()


def watch(page: Any, said: list[str]) -> None:
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))


MOMENTS = "document.querySelector('.moments')?.dataset"
SHOWN = """() => {
  const take = (kind) => {
    const { shape, values } = document.querySelector(`.inside[data-kind=${kind}] canvas`).shown;
    return { shape, values: [...values] };
  };
  const label = (element) => element.getAttribute('aria-label');
  return {
    kernels: take('kernels'),
    maps: take('maps'),
    told: JSON.parse(document.querySelector('.moments').dataset.told),
    chosen: label(document.querySelector('.held .one[aria-pressed=true]')),
    labels: [...document.querySelectorAll('.held .one')].map(label),
  };
}"""


def normalise_digit(label: str, settings: dict[str, Any]) -> torch.Tensor:
    """A digit from scikit-learn itself, by the number in its label, as the run's settings say."""
    number = int(label.partition("[")[2].partition("]")[0])
    pixels = np.rint(load_digits().images[number] * (255 / 16)) / 255
    mean, std = settings["recipe"]["mean"][0], settings["recipe"]["std"][0]
    return torch.tensor((pixels - mean) / std, dtype=torch.float64)[None]


def compute_moment(run: Path, step: int, labels: list[str]) -> tuple[torch.Tensor, torch.Tensor, list[str]]:
    """Kernels, the first layer's maps and the answers, from a checkpoint's tensors by their shapes alone."""
    tensors = load_file(run / "state" / f"step-{step:09d}.safetensors")
    settings = json.loads((run / "settings.json").read_text())
    kinds = {name.partition(".")[0] for name in tensors}
    kind = next(each for each in ("average", "slow", "weights") if each in kinds)
    kernels, offsets, matrix, bias = (
        next(value.double() for name, value in tensors.items() if name.startswith(kind) and value.shape == shape)
        for shape in ((8, 1, 3, 3), (8,), (10, 8), (10,))
    )
    pixels = torch.stack([normalise_digit(label, settings) for label in labels])
    padded, maps = F.pad(pixels, (1, 1, 1, 1)), torch.zeros(len(labels), 8, 4, 4, dtype=torch.float64)
    for row in range(4):
        for column in range(4):
            window = padded[:, :, 2 * row : 2 * row + 3, 2 * column : 2 * column + 3]
            maps[:, :, row, column] = (window * kernels[:, 0]).sum((2, 3)) + offsets
    scores = maps.clamp(min=0).mean((2, 3)) @ matrix.T + bias
    return kernels, maps, [str(each) for each in scores.argmax(1).tolist()]


def check_moments(page: Any, run: Path) -> None:
    """What the page shows of its newest moment is the checkpoint's own, computed anew."""
    newest = max(int(path.stem[5:]) for path in (run / "state").glob("step-*.safetensors"))
    wait(page, f"{MOMENTS}?.step === '{newest}' && ({MOMENTS}.told ?? '[]') !== '[]'", PATIENCE_SECONDS)
    wait(page, "document.querySelector('.inside[data-kind=maps] canvas').shown", PATIENCE_SECONDS)
    page.locator(".held .one").nth(4).click()
    wait(page, f"{MOMENTS}.sample === '4'", PATIENCE_SECONDS)
    shown = page.evaluate(SHOWN)
    kernels, maps, answers = compute_moment(run, newest, shown["labels"])
    assert shown["kernels"]["shape"] == [8, 3, 3]
    assert shown["maps"]["shape"] == [8, 4, 4]
    np.testing.assert_allclose(shown["kernels"]["values"], kernels.flatten(), atol=1e-6)
    np.testing.assert_allclose(
        shown["maps"]["values"], maps[shown["labels"].index(shown["chosen"])].flatten(), atol=1e-5
    )
    assert shown["told"] == answers
    assert all(f"says {answer} " in label for answer, label in zip(answers, shown["labels"], strict=True))


def test_nothing_is_lost_on_a_reload_and_when_the_studio_is_killed(browser: Any, tmp_path: Path) -> None:
    context, said = browser.new_context(), list[str]()
    context.set_default_timeout(PATIENCE_SECONDS * 1000)
    page = context.new_page()
    job = Job(tmp_path / "runs" / ".studio" / "net-digits")
    history = tmp_path / "runs" / "net-digits" / "history.jsonl"
    try:
        with studio(tmp_path) as (process, link):
            watch(page, said)
            page.goto(link)
            page.evaluate("location.hash = 'train'")
            begin(page, EPOCHS)
            wait(page, f"{RUN}.name === 'net-digits' && {RUN}.state === 'running'", PATIENCE_SECONDS)
            wait_for(lambda: history.exists() and any((history.parent / "state").glob("step-*.safetensors")))
            pid = job.record.pid or 0
            os.kill(pid, signal.SIGSTOP)  # so that it waits for what follows, on a fast machine too
            count = history.read_text().count("\n")
            wait(page, f"{RUN}.epochs === '{count}'", PATIENCE_SECONDS)
            page.reload()  # in the middle
            wait(page, f"{RUN}?.name === 'net-digits' && {RUN}.epochs === '{count}'", PATIENCE_SECONDS)
            assert page.evaluate("document.querySelector('[role=tab][aria-selected=true]').textContent") == "Train"
            assert page.evaluate(f"{RUN}.state") == "running"
            check_moments(page, history.parent)
            assert said == []
            process.send_signal(signal.SIGKILL)  # in the middle as well
            process.wait(20)
        assert job.is_alive
        assert job.record.pid == pid
        page.close()
        with studio(tmp_path) as (_, link):
            page = context.new_page()
            watch(page, said)
            page.goto(link)
            page.evaluate("location.hash = 'train'")
            wait(page, f"{RUN}?.name === 'net-digits' && {RUN}.epochs === '{count}'", PATIENCE_SECONDS)
            assert job.record.pid == pid  # the very training that was begun
            assert page.evaluate(f"{RUN}.state") == "running"
            press(page, "Pause")
            page.get_by_role("button", name="Stop at once").wait_for()
            os.kill(pid, signal.SIGCONT)
            wait(page, f"{RUN}.state === 'stopped'", PATIENCE_SECONDS)
            assert not is_alive(job)
            press(page, "Go on")
            wait(page, f"{RUN}.state === 'finished'", PATIENCE_SECONDS)
            records = [json.loads(line) for line in history.read_text().splitlines()]
            assert [each["epoch"] for each in records] == list(range(1, EPOCHS + 1))
            assert page.evaluate(f"Number({RUN}.epochs)") == EPOCHS
            points = page.evaluate("[...document.querySelectorAll('.followed .curves')].map((e) => e.dataset.points)")
            assert points == [str(EPOCHS)] * 2
            shown = page.evaluate(f"Number({RUN}.merit)")
            assert shown == records[-1]["validation_accuracy"]
            check_moments(page, history.parent)
            moments = int(page.evaluate(f"{MOMENTS}.moments"))
            assert moments >= 2
            last = page.evaluate(f"{MOMENTS}.step")
            page.get_by_label("moment of the training").fill("0")
            wait(page, f"{MOMENTS}.step !== '{last}'")
            press(page, "Play")  # from the first to the last
            wait(page, f"{MOMENTS}.step === '{last}'")
            report = page.get_by_role("link", name="Open the report")
            with context.expect_page() as opened:
                report.click()
            opened.value.wait_for_load_state()
            assert "net-digits" in opened.value.content()
            press(page, "Question it")
            wait(page, "document.querySelector('[data-run]')?.dataset.run === 'net-digits'", PATIENCE_SECONDS)
        assert [line for line in said if "net::ERR_" not in line] == []  # what a killed studio can't answer
    finally:
        if job.is_alive:
            os.kill(job.record.pid or 0, signal.SIGKILL)
        context.close()


def write_run(folder: Path, name: str, epochs: int, state: str = "finished", task: str = "classify") -> None:
    """A run as its folder has it, without a training."""
    run = folder / "runs" / name
    run.mkdir(parents=True)
    merit = "accuracy" if task == "classify" else "merit"
    records = [
        {"epoch": at, "train_loss": 2 / at, "validation_loss": 2.2 / at, f"train_{merit}": 1 - 0.8 / at,
         f"validation_{merit}": 1 - 0.9 / at}
        for at in range(1, epochs + 1)
    ]  # fmt: skip
    (run / "history.jsonl").write_text("".join(json.dumps(each) + "\n" for each in records))
    (run / "settings.json").write_text(json.dumps({"seed": 0, "task": {"name": task}, "recipe": {"lr": 0.1 * epochs}}))
    if state == "finished":
        (run / "result.json").write_text(json.dumps({"accuracy": 0.9}))
        (run / "weights.safetensors").write_bytes(b"")
        (run / "report.html").write_text("<!doctype html><title>a</title><p>a report")
    time.sleep(0.02)


def open_view(served: Served, look: Look, **options: Any) -> Any:
    seen = look(served, **options)
    seen.page.evaluate("location.hash = 'train'")
    wait(seen.page, f"{RUN}?.name !== undefined && {VIEW}.querySelectorAll('form option').length > 20")
    return seen


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("photos")
    write_run(path, "prices", 4, task="regress")
    for name, epochs, state in (("first", 12, "finished"), ("second", 20, "finished"), ("third", 5, "stopped")):
        write_run(path, name, epochs, state)
    return path


def test_runs_are_listed_followed_and_compared(served: Served, look: Look) -> None:
    seen = open_view(served, look)
    page = seen.page
    assert page.evaluate("[...document.querySelectorAll('.runs tr[data-name]')].map((e) => e.dataset.name)") == [
        "third", "second", "first", "prices",
    ]  # fmt: skip
    assert page.get_by_role("button", name="Go on").is_visible()
    press(page, "second")
    wait(page, f"{RUN}.name === 'second' && {RUN}.epochs === '20'")
    assert page.get_by_role("link", name="Open the report").is_visible()
    loss = page.locator(".followed .curves svg").first
    loss.hover(position={"x": 60, "y": 80})  # the first epochs
    told = page.locator(".followed .curves .names").first
    assert told.inner_text().split("\n")[0] == "epoch 1"
    assert "training 2" in told.inner_text()
    loss.focus()
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    assert loss.get_attribute("aria-valuetext") == "epoch 19: training 0.1053, validation 0.1158"  # 2 and 2.2 / 19
    assert not page.get_by_role("button", name="Go on").is_visible()
    assert page.get_by_role("button", name="Compare").is_disabled()
    page.get_by_label("compare first").check()
    page.get_by_label("compare second").check()
    press(page, "Compare")
    page.get_by_role("heading", name="Compared").wait_for()
    text = page.locator(".comparison").inner_text()
    assert "recipe.lr" in text
    assert "95.50 %" in text  # 1 - 0.9 / 20
    assert page.evaluate("document.querySelector('.comparison .curves').dataset.points") == "20"
    page.reload()
    wait(page, f"{RUN}?.name === 'second'")
    assert seen.said == []
    assert {url.split("/")[2] for url in seen.asked} == {f"127.0.0.1:{served.port}"}


def test_a_run_is_judged_by_its_own_merit(served: Served, look: Look) -> None:
    seen = open_view(served, look)
    page = seen.page
    assert page.locator(".runs tr[data-name=prices] td").last.inner_text() == "0.775"  # 1 - 0.9 / 4
    assert page.locator(".runs tr[data-name=first] td").last.inner_text() == "92.5 %"  # 1 - 0.9 / 12
    press(page, "prices")
    wait(page, f"{RUN}.name === 'prices' && {RUN}.epochs === '4'")
    assert page.locator(".figures [data-figure=merit]").inner_text().split("\n")[:2] == ["Validation R2", "0.775"]
    assert page.locator(".followed .curves b").all_inner_texts() == ["Loss", "R2"]
    wait(page, "document.querySelector('.moments').textContent.includes('This run left no checkpoint')")
    (served.session.runs / "prices" / "state").mkdir()
    press(page, "first")
    press(page, "prices")
    wait(page, "/Reading the run's last checkpoint|can't be read/.test(document.querySelector('.moments').textContent)")
    assert seen.said == []


def test_what_cannot_be_started_is_said(served: Served, look: Look) -> None:
    seen = open_view(served, look)
    page = seen.page
    page.evaluate("() => sessionStorage.setItem('striate-write', JSON.stringify({ text: 'rellu' }))")
    find(page, "net").select_option(label="the text of the Write view")
    press(page, "Start")
    page.get_by_role("tabpanel", name="Train").get_by_text("unknown word `rellu`").wait_for()
    assert find(page, "net").get_attribute("aria-invalid") == "true"
    find(page, "net").select_option(label="lenet5")
    find(page, "unit").select_option("epochs")
    find(page, "length").fill("1.5")
    press(page, "Start")
    page.get_by_text("found 1.5, needed a whole number above 0").wait_for()
    assert find(page, "net").get_attribute("aria-invalid") is None
    wait(page, "document.querySelector('.preview').dataset.facts")
    assert "1,797 pictures" in page.locator(".preview").inner_text()
    assert seen.said == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_view_reads_well_and_stays_within_a_phone(served: Served, look: Look, scheme: str) -> None:
    seen = open_view(served, look, viewport={"width": 390, "height": 800}, color_scheme=scheme)
    assert find_faults(seen.page) == []
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 390
    assert seen.said == []
