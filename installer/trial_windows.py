"""Tries the Windows installer under wine, with a small payload in place of the frozen program: installs for one user,
upgrades, downgrades, refuses to replace a running program, and removes all but the user's files. `make
test-dist-windows`; needs makensis and wine.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from installer import about, icons, nsis

KEY = r"HKCU\Software\Microsoft\Windows\CurrentVersion\Uninstall\Inkfall"
PATHS = r"HKCU\Software\Microsoft\Windows\CurrentVersion\App Paths\inkfall.exe"
CLASSES = r"HKCU\Software\Classes"
PROGRAM = rf"{CLASSES}\Applications\inkfall.exe"
OURS = (KEY, PATHS, PROGRAM, *(rf"{CLASSES}\{name}" for name in (".inkfall", "Inkfall.Page", "Inkfall.Model")))
TEXTS = rf"{CLASSES}\.txt\OpenWithProgids"
RUNNING = 2  # the error level of a silent run that found the program running
PATIENCE = 120.0  # seconds that an uninstaller, which runs from a copy of itself, may take
SLEEPER = """\
Unicode true
Target amd64-unicode
Name "Inkfall"
OutFile "{file}"
RequestExecutionLevel user
SilentInstall silent
Section
  FileOpen $0 "$EXEDIR\\awake.txt" w
  FileClose $0
  Sleep 600000
SectionEnd
"""


class TrialError(Exception):
    """A step failed. Its text is one sentence."""


def build(payload: Path, version: str, target: Path) -> Path:
    """Make the installer of that payload."""
    file = target / nsis.name_of("inkfall", version)
    icon = icons.ico(about.ICON, target / "inkfall.ico")
    return nsis.make(nsis.Setup(version, payload, file, icon))


def payload(folder: Path, files: Sequence[str]) -> Path:
    """Fill a folder like the frozen program's: these files, and a program that runs for ten minutes."""
    for name in files:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name, encoding="utf-8")
    script = folder.parent / "sleeper.nsi"
    script.write_text(SLEEPER.format(file=folder / nsis.WINDOW), encoding="utf-8")
    subprocess.run([nsis.find_makensis(), "-V2", str(script)], check=True)
    return folder


class Wine:
    """A Windows (wine) in a folder of its own."""

    def __init__(self, prefix: Path) -> None:
        self.prefix = prefix
        self.command = shutil.which("wine") or shutil.which("wine64") or "/usr/lib/wine/wine64"
        self.environment = {**os.environ, "WINEPREFIX": str(prefix), "WINEDEBUG": "-all", "WINEARCH": "win64"}
        self.environment |= {"WINEDLLOVERRIDES": "mscoree,mshtml=", "DISPLAY": "", "LC_ALL": "C.UTF-8"}

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [self.command, *words], env=self.environment, capture_output=True, text=True, errors="replace", check=False
        )

    def run_well(self, *words: str) -> str:
        """Run a command, and return its output. Raises TrialError if it fails."""
        done = self.run(*words)
        if done.returncode:
            raise TrialError(f"{' '.join(words)} ended with {done.returncode}: {(done.stdout + done.stderr)[-1000:]}")
        return done.stdout

    def has(self, key: str, *value: str) -> bool:
        """Whether the registry has that key, or that value of it."""
        return self.run("reg", "query", key, *(("/v", *value) if value else ())).returncode == 0

    def says(self, key: str, value: str = "") -> str:
        """A value in the registry; an empty name is the key's default value."""
        check_registry = self.run_well("reg", "query", key, *(("/v", value) if value else ("/ve",)))
        return next(
            (line.split("REG_", 1)[1].partition("    ")[2] for line in check_registry.splitlines() if "REG_" in line),
            "",
        )

    def program(self) -> Path:
        """The folder of the installed program. Raises TrialError."""
        found = list(self.prefix.glob("drive_c/users/*/AppData/Local/Programs/Inkfall"))
        if len(found) != 1:
            raise TrialError("The program is not in the user's own folder.")
        return found[0]

    @contextmanager
    def running(self, folder: Path) -> Iterator[None]:
        """Run the program meanwhile."""
        awake = folder / "awake.txt"
        process = subprocess.Popen([self.command, str(folder / nsis.WINDOW)], env=self.environment)
        wait_until(awake.exists, "The program did not start.")
        try:
            yield
        finally:
            process.kill()
            process.wait()
            awake.unlink()

    def stop(self) -> None:
        server = shutil.which("wineserver") or "/usr/lib/wine/wineserver64"
        subprocess.run([server, "-k"], env=self.environment, check=False)


def inside(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def expect(found: object, wanted: object, what: str) -> None:
    if found != wanted:
        raise TrialError(f"{what}: {found!r} instead of {wanted!r}.")


def wait_until(true: object, otherwise: str) -> None:
    assert callable(true)
    deadline = time.monotonic() + PATIENCE
    while not true():
        if time.monotonic() > deadline:
            raise TrialError(otherwise)
        time.sleep(0.2)


def try_all(work: Path, wine: Wine) -> None:
    first = payload(work / "first", [nsis.TERMINAL, "_internal/old.dll", "_internal/resources/icon.svg"])
    second = payload(work / "second", [nsis.TERMINAL, "_internal/new.dll"])
    older, newer = build(first, "0.9.0", work), build(second, "0.10.0", work)
    wine.run_well("reg", "add", TEXTS, "/v", "Other.Text", "/f")
    wine.run_well(str(older), "/S")
    folder = wine.program()
    expect(inside(folder), inside(first) | {"uninstall.exe"}, "After installing")
    check_registry(wine, folder, "0.9.0")
    (folder / "mine.txt").write_text("the user's", encoding="utf-8")
    pages = folder.parents[1] / "inkfall" / "pages" / "mine.inkfall"
    pages.parent.mkdir(parents=True)
    pages.write_text("a page", encoding="utf-8")
    print("installed, with its file types", flush=True)
    try_while_running(wine, folder, newer, inside(first))
    wine.run_well(str(newer), "/S")
    expect(inside(folder), inside(second) | {"uninstall.exe", "mine.txt"}, "After the upgrade")
    check_registry(wine, folder, "0.10.0")
    print("upgraded", flush=True)
    wine.run_well(str(older), "/S")
    expect(inside(folder), inside(first) | {"uninstall.exe", "mine.txt"}, "After going back")
    check_registry(wine, folder, "0.9.0")
    print("went back to the older version", flush=True)
    try_removing(wine, folder)
    expect(inside(folder), {"mine.txt"}, "After removing")
    expect(pages.read_text(encoding="utf-8"), "a page", "The user's page")
    print("removed; the user's own files are still there", flush=True)
    try_other_folder(wine, newer, inside(second))


def check_registry(wine: Wine, folder: Path, version: str) -> None:
    """Check the program's entries in the registry and the start menu. Raises TrialError."""
    windows = "C:\\" + str(folder.relative_to(wine.prefix / "drive_c")).replace("/", "\\")
    opens = f'"{windows}\\inkfall.exe" "%1"'
    expect(wine.says(KEY, "DisplayVersion"), version, "The version in the list of programs")
    expect(wine.says(KEY, "Publisher"), about.AUTHORS, "The publisher in the list of programs")
    expect(wine.says(KEY, "DisplayIcon"), f"{windows}\\inkfall.exe,0", "The icon in the list of programs")
    expect(wine.says(KEY, "UninstallString"), f'"{windows}\\uninstall.exe"', "How it is removed")
    kilobytes = int(wine.says(KEY, "EstimatedSize"), 16)
    expect(0 < kilobytes < 4096, True, f"The size in the list of programs ({kilobytes} kB)")
    expect(wine.says(rf"{CLASSES}\.inkfall"), "Inkfall.Page", "Pages belong to the program")
    for name in ("Inkfall.Page", "Inkfall.Model", "Inkfall.Text"):
        expect(wine.says(rf"{CLASSES}\{name}\shell\open\command"), opens, f"What opens {name}")
    for ending, name in ((".gguf", "Inkfall.Model"), (".txt", "Inkfall.Text"), (".inkfall", "Inkfall.Page")):
        expect(wine.has(rf"{CLASSES}\{ending}\OpenWithProgids", name), True, f"The program is offered for {ending}")
        expect(wine.has(rf"{PROGRAM}\SupportedTypes", ending), True, f"{ending} is among what it opens")
    expect(wine.says(PATHS), f"{windows}\\inkfall.exe", "Its name alone starts it")
    expect([link.name for link in wine.prefix.rglob("Inkfall.lnk")], ["Inkfall.lnk"], "The start menu")


def try_while_running(wine: Wine, folder: Path, newer: Path, files: set[str]) -> None:
    """Try to upgrade and to remove a running program: both must be refused."""
    with wine.running(folder):
        expect(wine.run(str(newer), "/S").returncode, RUNNING, "An upgrade of a running program")
        check_registry(wine, folder, "0.9.0")
        windows = "C:\\" + str(folder.relative_to(wine.prefix / "drive_c")).replace("/", "\\")
        done = wine.run(str(folder / "uninstall.exe"), "/S", f"_?={windows}")
        expect(done.returncode, RUNNING, "Removing a running program")
        expect(inside(folder) - {"awake.txt"}, files | {"uninstall.exe", "mine.txt"}, "While it runs")
    print("left alone while it ran", flush=True)


def try_removing(wine: Wine, folder: Path) -> None:
    wine.run_well(str(folder / "uninstall.exe"), "/S")
    wait_until(lambda: not (folder / "uninstall.exe").exists() and not wine.has(KEY), "The uninstaller did not end.")
    expect([key for key in OURS if wine.has(key)], [], "What is left in the registry")
    expect(wine.has(TEXTS, "Other.Text"), True, "Another program is still offered for texts")
    expect(wine.has(TEXTS, "Inkfall.Text"), False, "The program is still offered for texts")
    expect([str(link) for link in wine.prefix.rglob("Inkfall.lnk")], [], "Links that are left")


def try_other_folder(wine: Wine, installer: Path, files: set[str]) -> None:
    """Try a folder that the user chose, whose name has a space and Korean letters."""
    folder = wine.prefix / "drive_c" / "my programs" / "잉크폴"
    wine.run_well(str(installer), "/S", r"/D=C:\my", r"programs\잉크폴")  # /D comes last, without quotes
    expect(inside(folder), files | {"uninstall.exe"}, "After installing elsewhere")
    expect(wine.says(KEY, "DisplayVersion"), "0.10.0", "The version in the list of programs")
    try_removing(wine, folder)
    expect(folder.exists(), False, "The folder is still there")
    print("installed into another folder, and removed", flush=True)


def main() -> int:
    with tempfile.TemporaryDirectory() as name:
        wine = Wine(Path(name) / "windows")
        try:
            wine.run_well("wineboot", "--init")
            try_all(Path(name), wine)
        except (TrialError, nsis.InstallerError, OSError) as error:
            print(error, file=sys.stderr)
            return 1
        finally:
            wine.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
