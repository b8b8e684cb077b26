"""No file of the working folder is ever run: by any start, from a checkout and installed."""

import os
import subprocess
import sys
import sysconfig
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from desktop.terminal.bench_window import measure_window
from installer import traps
from tests.models.library.conftest import SOUND
from tests.models.library.hub_stand_in import StandIn
from tests.models.tiny import make

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 100.0  # seconds
pytestmark = [
    pytest.mark.skipif(sys.platform == "win32", reason="its starts are programs of their own"),
    pytest.mark.timeout(400),
]
SCRIPT = "import sys\nfrom desktop.__main__ import main\nif __name__ == '__main__':\n    sys.exit(main())\n"


def checkout(folder: Path) -> list[str]:
    """The command that a set-up makes, as it makes it."""
    script = folder / "inkfall"
    script.write_text(SCRIPT)
    return [sys.executable, str(script)]


def installed(folder: Path) -> list[str]:
    """The packages in an environment of its own, as a wheel installs them; their dependencies are elsewhere."""
    environment = folder / "environment"
    subprocess.run([sys.executable, "-P", "-m", "venv", "--without-pip", "--symlinks", str(environment)], check=True)
    site = next(environment.glob("lib/python*/site-packages"))
    (site / "needed.pth").write_text(f"{sysconfig.get_paths()['purelib']}\n")
    for package in ("desktop", "models", "resources"):
        (site / package).symlink_to(ROOT / package)
    script = environment / "bin" / "inkfall"
    script.write_text(SCRIPT)
    return [str(environment / "bin" / "python"), str(script)]


@pytest.fixture
def trapped(tmp_path: Path) -> Path:
    folder = tmp_path / "trapped"
    folder.mkdir()
    traps.fill(folder)
    return folder


@pytest.fixture
def hub() -> Iterator[StandIn]:
    hub = StandIn()
    hub.add("maker/One-GGUF", {"One.Q4_K_M.gguf": SOUND.encode()}, tags=["gguf"])
    yield hub
    hub.close()


def test_the_traps_catch(trapped: Path) -> None:
    """Python's own way, and the loader's."""
    code = "import ctypes; ctypes.CDLL('libggml-cpu.so')"
    lost = {**os.environ, "LD_LIBRARY_PATH": "."}
    subprocess.run([sys.executable, "-c", code], cwd=trapped, check=False)
    assert traps.caught(trapped)[:1] == ["module ctypes"]
    (trapped / traps.NOTES).unlink()
    subprocess.run([sys.executable, "-P", "-c", code], cwd=trapped, env=lost, check=False)
    assert any(line.startswith("library ") for line in traps.caught(trapped))


@pytest.mark.parametrize("way", [checkout, installed])
def test_nothing_of_the_working_folder_is_run(
    way: Callable[[Path], list[str]], trapped: Path, tmp_path: Path, hub: StandIn
) -> None:
    inkfall = way(tmp_path)
    model = str(make(tmp_path / "tiny.gguf", "llama"))
    given = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    given |= {"INKFALL_HOME": str(tmp_path / "home"), "HF_HOME": str(tmp_path / "hf"), "QT_QPA_PLATFORM": "offscreen"}
    given |= {"HF_ENDPOINT": hub.endpoint, "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring"}

    def run(*arguments: str) -> None:
        done = subprocess.run(
            [*inkfall, *arguments], cwd=trapped, env=given, capture_output=True, timeout=PATIENCE, check=False
        )
        assert traps.caught(trapped) == [], arguments
        assert done.returncode == 0, done.stderr.decode()

    run("complete", "-m", model, "-p", "x", "-n", "2")  # the child, and before it one that tries the file
    run("inspect", model)
    run("doctor", "-m", model)  # and one that asks for devices
    run("models", "get", "maker/One-GGUF")
    the_window_and_a_second_start(inkfall, trapped, given)


def the_window_and_a_second_start(inkfall: list[str], trapped: Path, given: dict[str, str]) -> None:
    text = trapped / "a text.txt"
    text.write_text("The window opens this.\n", encoding="utf-8")
    pages = Path(given["INKFALL_HOME"]) / "data" / "pages"
    with subprocess.Popen([*inkfall, text.name, "scripted:"], cwd=trapped, env=given) as window:
        try:
            until(lambda: any(pages.glob("*.inkfall")) and psutil.Process(window.pid).children())
            second = subprocess.run([*inkfall, text.name], cwd=trapped, env=given, timeout=PATIENCE, check=False)
            assert second.returncode == 0 and window.poll() is None
        finally:
            window.kill()
    assert traps.caught(trapped) == []


def until(done: Callable[[], object]) -> None:
    deadline = time.monotonic() + PATIENCE
    while not done():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_nothing_of_it_is_run_where_the_window_is_measured(trapped: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(trapped)
    assert measure_window("scripted:?rate=500")["window_shown"] > 0
    assert traps.caught(trapped) == []


def test_the_working_folder_is_off_pythons_path(tmp_path: Path) -> None:
    """`python -m desktop`, typed in such a folder: what Python itself begins with comes from there, the rest does
    not."""
    for name in ("numpy", "psutil", "multiprocessing", "socket", "desktop", "models"):
        (tmp_path / f"{name}.py").write_text(traps.MODULE.format(notes=str(tmp_path / traps.NOTES)))
    (tmp_path / "desktop.py").unlink()
    command = [sys.executable, "-m", "desktop", "complete", "-m", "scripted:", "-p", "x", "-n", "2"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=PATIENCE, check=False)
    assert traps.caught(tmp_path) == []
    assert done.returncode == 0, done.stderr.decode()
