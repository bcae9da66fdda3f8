"""Every verb takes a trained network of another library, here one that stands in for timm's or torchvision's."""

from __future__ import annotations

import signal
from pathlib import Path

import numpy as np
import pytest
import torch
from tests.nets.backbones.libraries import NOTES, put_in
from tests.verbs.draw import COUNTS, make_folder, take_bytes

import striate
from striate.cli.main import run_command
from striate.engine import Engine
from striate.errors import DataError, InputError, Stopped
from striate.train import Progress

ENGINE = Engine()


@pytest.fixture(autouse=True)
def _libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    put_in(monkeypatch)


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    """Grey pictures of 10x10."""
    return make_folder(tmp_path / "photos", COUNTS)


def test_grey_pictures_are_repeated_and_normalised_as_the_weights_ask(photos: Path) -> None:
    said: list[str] = []
    run = striate.train("timm:tiny", photos, epochs=2, engine=ENGINE, say=said.append)
    assert run.input == (3, 10, 10)
    assert (run.recipe.mean, run.recipe.std) == (NOTES["tiny.a_in1k"].mean, NOTES["tiny.a_in1k"].std)
    assert run.recipe.lr == 0.01
    assert (run.path / "net.txt").read_text() == "timm:tiny\nfc-classes\n"
    assert run.path.name == "photos-timm-tiny"
    for why in ("begins with trained weights, timm's tiny.a_in1k", "normalised as for them: mean 0.5, 0.25, 0.125"):
        assert any(why in reason for reason in run.settings["reasons"])
        assert any(why in line for line in said)


def test_random_weights_are_trained_as_any_network(photos: Path) -> None:
    run = striate.train("timm:tiny weights=no, fc-classes", photos, steps=1, engine=ENGINE)
    plain = striate.train("conv3-4, bn, gap, flatten, fc-classes", photos, steps=1, engine=ENGINE, input=(3, 10, 10))
    assert (run.recipe.mean, run.recipe.std, run.recipe.lr) == (plain.recipe.mean, plain.recipe.std, plain.recipe.lr)
    assert not any("trained weights" in reason for reason in run.settings["reasons"])


def test_layers_of_a_backbone_without_norms_are_counted(photos: Path) -> None:
    run = striate.train("timm:plain weights=no, fc-classes", photos, steps=1, engine=ENGINE)
    assert any("3 layers without normalisation" in reason for reason in run.settings["reasons"])


def test_a_backbone_of_one_size_gets_it_unless_another_is_asked_for(photos: Path) -> None:
    assert striate.train("timm:tinyvit_16", photos, steps=1, engine=ENGINE).input == (3, 16, 16)
    with pytest.raises(InputError, match=r"Wrong image height! Expected 16 but got 12!.*Give 3x16x16"):
        striate.train("timm:tinyvit_16", photos, steps=1, engine=ENGINE, input=(3, 12, 12))


def test_arrays_of_four_channels_are_refused() -> None:
    x, y = np.zeros((12, 4, 10, 10), np.uint8), np.arange(12) % 2
    with pytest.raises(DataError, match="4 channels; needed 3"):
        striate.train("timm:tiny", (x, y), steps=1, engine=ENGINE)


def test_a_network_without_its_head_is_refused(photos: Path) -> None:
    with pytest.raises(InputError, match=r"gives 6 for each input.*End with `fc-classes`"):
        striate.train("timm:tiny weights=no", photos, steps=1, engine=ENGINE)


def test_training_begins_at_the_trained_weights(photos: Path) -> None:
    run = striate.train("timm:tiny", photos, epochs=1, engine=ENGINE)
    name, shape = "timm1.0.weight", (3, 10, 10)
    trained, drawn = (striate.build(f"timm:tiny{said}, fc-3", shape).state_dict()[name] for said in ("", " weights=no"))
    learned = run.module.state_dict()[name]
    assert 0 < (learned - trained).norm() < 0.2 * (learned - drawn).norm()


@pytest.mark.parametrize("text", ["timm:tiny", "torchvision:resnet2", "torchvision:googlenet"])
def test_a_run_that_is_loaded_again_fetches_nothing(photos: Path, monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    run = striate.train(text, photos, epochs=1, engine=ENGINE)
    put_in(monkeypatch, offline=True)
    again = striate.load(run.path)
    for name, value in run.module.state_dict().items():
        assert torch.equal(again.module.state_dict()[name], value)
    picture = photos / "coal" / "0-000.png"
    assert np.array_equal(striate.predict(again, picture), striate.predict(run, picture))
    assert striate.evaluate(again, photos).accuracy == striate.evaluate(run, photos).accuracy


def test_a_run_goes_on_from_its_checkpoint_without_the_network(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stop(progress: Progress) -> None:
        if progress.epoch == 2:
            signal.raise_signal(signal.SIGINT)

    whole = striate.train("timm:tiny", photos, epochs=3, engine=ENGINE, out=tmp_path / "whole")
    with pytest.raises(Stopped):
        striate.train("timm:tiny", photos, epochs=3, engine=ENGINE, out=tmp_path / "cut", on_progress=stop)
    put_in(monkeypatch, offline=True)
    run = striate.resume(tmp_path / "cut")
    assert take_bytes(run.path)["weights.safetensors"] == take_bytes(whole.path)["weights.safetensors"]


def test_a_run_without_a_checkpoint_begins_again_with_the_trained_weights(photos: Path, tmp_path: Path) -> None:
    run = striate.train("timm:tiny", photos, epochs=1, engine=ENGINE, out=tmp_path / "run")
    before = take_bytes(run.path)["weights.safetensors"]
    for name in ("report.html", "weights.safetensors", "result.json"):
        (run.path / name).unlink()
    for checkpoint in (run.path / "state").glob("*.safetensors"):
        checkpoint.unlink()
    assert take_bytes(striate.resume(run.path).path)["weights.safetensors"] == before


def test_weights_that_can_not_be_fetched_leave_no_run(
    photos: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_in(monkeypatch, offline=True)
    with pytest.raises(InputError, match="trained weights can't be fetched"):
        striate.train("timm:tiny", photos, epochs=1, engine=ENGINE, out=tmp_path / "run")
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("text", ["timm:tiny", "torchvision:vit_t_4", "torchvision:regnet_t"])
def test_a_backbone_is_measured_without_its_weights(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    put_in(monkeypatch, offline=True)
    table = striate.measure(text, (3, 16, 16), classes=5)
    built = striate.build(f"{text} weights=no, fc-5", (3, 16, 16))
    assert table.parameters == sum(parameter.numel() for parameter in built.parameters())
    assert {row.status for row in table.rows} == {"exact"}
    assert table.rows[0].name.startswith(text.split(":")[0])


@pytest.mark.parametrize("suffix", ["onnx", "pt2", "safetensors"])
def test_a_backbone_is_exported(tmp_path: Path, suffix: str) -> None:
    exported = striate.export("torchvision:resnet2", tmp_path / f"net.{suffix}", (3, 16, 16), 5)
    assert exported.parameters == sum(
        p.numel() for p in striate.build("torchvision:resnet2", (3, 16, 16), 5).parameters()
    )


def test_the_commands(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["show", "timm:tiny", "--input", "3x24x24", "--classes", "4"]) == 0
    out = capsys.readouterr().out
    assert out.startswith("timm:tiny\nfc-classes\n")
    assert "timm1" in out
    assert run_command(["measure", "timm:tiny", "--input", "3x24x24", "--classes", "4"]) == 0
    assert "timm1.4" in capsys.readouterr().out
    assert run_command(["measure", "timm:tiny", "--input", "3x24x24", "--classes", "4", "--fix"]) == 0
    assert "timm:tiny" in capsys.readouterr().out
    assert run_command(["measure", "timm:tinny", "--input", "3x24x24"]) == 2
    said = capsys.readouterr().err
    assert "Did you mean `timm:tiny`?" in said
    assert "Traceback" not in said
