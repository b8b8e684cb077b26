"""Tries the Windows installer under wine, with a small payload in place of the frozen program: it installs for one
user, upgrades, and removes all but the user's files. `make test-dist-windows`; needs makensis and wine.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

SCRIPT = Path(__file__).with_name("windows") / "inkfall.nsi"
KEY = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Inkfall"
PAGE = r"HKCU\Software\Classes\.inkfall"
PATIENCE = 120.0  # seconds that an uninstaller, which runs from a copy of itself, may take


class TrialError(Exception):
    """A step did not do what it has to. Its text is one sentence."""


def build(payload: Path, version: str, target: Path) -> Path:
    """The installer of that payload. Raises TrialError."""
    file = target / f"inkfall-{version}-setup.exe"
    defines = {"VERSION": version, "PAYLOAD": payload, "OUTPUT": file}
    command = ["makensis", "-V2", "-WX", *(f"-D{name}={value}" for name, value in defines.items()), str(SCRIPT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise TrialError(f"makensis failed: {(done.stdout + done.stderr)[-2000:]}")
    return file


def payload(folder: Path, files: Sequence[str]) -> Path:
    """A folder like the frozen program's, with these files in it."""
    for name in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    return folder


class Wine:
    """A Windows of its own in a folder."""

    def __init__(self, prefix: Path) -> None:
        self.prefix = prefix
        self.command = shutil.which("wine") or shutil.which("wine64") or "/usr/lib/wine/wine64"
        self.environment = {**os.environ, "WINEPREFIX": str(prefix), "WINEDEBUG": "-all", "WINEARCH": "win64"}
        self.environment |= {"WINEDLLOVERRIDES": "mscoree,mshtml=", "DISPLAY": ""}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.command, *words], env=self.environment, capture_output=True, text=True, errors="replace", check=False
        )

    def run_well(self, *words: str) -> str:
        """Raises TrialError where it fails."""
        done = self.run(*words)
        if done.returncode:
            raise TrialError(f"{' '.join(words)} ended with {done.returncode}: {(done.stdout + done.stderr)[-1000:]}")
        return done.stdout

    def has(self, key: str) -> bool:
        """Whether the registry has that key."""
        return self.run("reg", "query", key).returncode == 0

    def program(self) -> Path:
        """The folder of the installed program. Raises TrialError."""
        found = list(self.prefix.glob("drive_c/users/*/AppData/Local/Programs/Inkfall"))
        if len(found) != 1:
            raise TrialError("The program is not in the user's own folder.")
        return found[0]

    def stop(self) -> None:
        server = shutil.which("wineserver") or "/usr/lib/wine/wineserver64"
        subprocess.run([server, "-k"], env=self.environment, check=False)


def inside(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def expect(found: object, wanted: object, what: str) -> None:
    if found != wanted:
        raise TrialError(f"{what}: {found!r} instead of {wanted!r}.")


def try_all(work: Path, wine: Wine) -> None:
    first = payload(work / "first", ["inkfall.exe", "_internal/old.dll", "_internal/resources/icon.svg"])
    second = payload(work / "second", ["inkfall.exe", "_internal/new.dll"])
    wine.run_well(str(build(first, "0.1.0", work)), "/S")
    folder = wine.program()
    expect(inside(folder), inside(first) | {"uninstall.exe"}, "After installing")
    expect(wine.has(PAGE), True, "The file type is known")
    print("installed", flush=True)
    (folder / "mine.txt").write_text("the user's", encoding="utf-8")
    wine.run_well(str(build(second, "0.2.0", work)), "/S")
    expect(inside(folder), inside(second) | {"uninstall.exe", "mine.txt"}, "After the upgrade")
    if "0.2.0" not in wine.run_well("reg", "query", KEY, "/v", "DisplayVersion"):
        raise TrialError("The list of programs has another version.")
    print("upgraded", flush=True)
    wine.run_well(str(folder / "uninstall.exe"), "/S")
    deadline = time.monotonic() + PATIENCE
    while (folder / "uninstall.exe").exists() or wine.has(KEY):
        if time.monotonic() > deadline:
            raise TrialError("The uninstaller did not end.")
        time.sleep(0.5)
    expect(inside(folder), {"mine.txt"}, "After removing")
    expect(wine.has(PAGE), False, "The file type is known")
    expect([str(link) for link in wine.prefix.rglob("Inkfall.lnk")], [], "Links that are left")
    print("removed; the user's own file is still there", flush=True)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        wine = Wine(Path(name) / "windows")
        try:
            wine.run_well("wineboot", "--init")
            try_all(Path(name), wine)
        except (TrialError, OSError) as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            wine.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
