"""The wheel as it is built and installed: it holds every file of the package, and its command opens the studio."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlsplit
from zipfile import ZipFile

import pytest

import striate
from striate.studio.assets import INDEX, NAMES, read_asset

SOURCE = Path(striate.__file__).parent
ROOT = SOURCE.parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    pytest.importorskip("hatchling", reason="hatchling, which builds the wheel, is not installed")
    if not (ROOT / "pyproject.toml").exists():
        pytest.skip("the package was installed without its source")
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.fixture(scope="module")
def site(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of its own that the wheel was installed into; what it stands on is the tests' own."""
    pytest.importorskip("pip", reason="pip is not installed")
    folder = tmp_path_factory.mktemp("site")
    install = [sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index", "--no-compile", "--target"]
    subprocess.run([*install, str(folder), str(wheel)], check=True, capture_output=True)
    return folder


@pytest.fixture(scope="module")
def link(site: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """What the installed command prints."""
    command = [str(site / "bin" / "striate"), "studio", "--no-browser"]
    environment = {**os.environ, "PYTHONPATH": str(site), "PYTHONDONTWRITEBYTECODE": "1"}
    folder = tmp_path_factory.mktemp("photos")
    studio = subprocess.Popen(command, cwd=folder, text=True, env=environment, stdin=-3, stdout=-1, stderr=-1)
    assert studio.stdout is not None
    yield studio.stdout.readline().strip()
    studio.send_signal(signal.SIGINT)
    try:
        assert studio.communicate(timeout=20) == ("", "The studio is closed.\n")
    finally:
        studio.kill()


def test_the_installed_package_is_the_one_that_runs(site: Path) -> None:
    where = [sys.executable, "-c", "import striate.studio; print(striate.studio.__file__)"]
    said = subprocess.check_output(where, env={**os.environ, "PYTHONPATH": str(site)}, text=True)
    assert Path(said.strip()).is_relative_to(site)


def test_the_wheel_holds_every_file_of_the_package(wheel: Path) -> None:
    files = {path for path in SOURCE.rglob("*") if path.is_file() and path.suffix != ".pyc"}
    with ZipFile(wheel) as archive:
        inside = {name for name in archive.namelist() if not name.startswith("striate-")}
        assert inside == {path.relative_to(SOURCE.parent).as_posix() for path in files}
        assert all(archive.read(f"striate/studio/page/{name}") == read_asset(name).content for name in (INDEX, *NAMES))


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is sent in another way there")
def test_the_installed_command_opens_the_studio_with_all_its_files(link: str) -> None:
    place = urlsplit(link)
    connection = HTTPConnection(str(place.hostname), place.port, timeout=20)

    def get(path: str, cookie: str = "") -> tuple[int, str, bytes]:
        connection.request("GET", path, headers={"Cookie": cookie} if cookie else {})
        answer = connection.getresponse()
        return answer.status, str(answer.getheader("set-cookie")).split(";")[0], answer.read()

    status, cookie, _ = get(f"/?{place.query}")
    assert status == 303
    assert get("/", cookie)[2] == read_asset(INDEX).content
    for name in NAMES:
        assert get(f"/assets/{name}", cookie)[2] == read_asset(name).content, name
    connection.close()
