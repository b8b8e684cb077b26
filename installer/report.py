"""`make dist-report`: prints the sizes of the packages in dist/ and the start times of the packaged program, compared
with the build before. Stores the numbers of each build in dist/reports, named by the time of their program.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import asdict, dataclass
from pathlib import Path

from installer.display import NoWindowError, display, window

ROOT = Path(__file__).resolve().parent.parent
DIST = ROOT / "dist"
PROGRAM = ROOT / "build" / "dist" / "with-starter" / "inkfall"
ROUNDS = 5
MB = 1_000_000
PROMPT = "The lighthouse keeper had not spoken to anyone for a year when"


@dataclass(frozen=True, slots=True)
class Figure:
    """One number of a build. unit: "MB" or "s"."""

    name: str
    value: float
    unit: str


def sizes() -> list[Figure]:
    """The size of every package, and of the program on a disk."""
    files = sorted(path for path in DIST.iterdir() if path.suffix in (".deb", ".xz", ".run"))
    found = [Figure(path.name, path.stat().st_size / MB, "MB") for path in files]
    for folder in (PROGRAM.parent.parent / "without" / "inkfall", PROGRAM):
        if folder.is_dir():
            found.append(Figure(f"on disk, {folder.parent.name}", on_disk(folder) / MB, "MB"))
    return found


def on_disk(folder: Path) -> int:
    """Bytes of all files, links not followed."""
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_symlink() or path.is_file())


def to_window(program: Path, home: Path) -> float:
    """Seconds from the start of the program to a window on the screen."""
    with display() as name:
        environment = {**os.environ, "DISPLAY": name, "INKFALL_HOME": str(home)}
        environment.pop("WAYLAND_DISPLAY", None)
        started = time.perf_counter()
        process = subprocess.Popen([program / "inkfall"], env=environment, stderr=subprocess.DEVNULL)
        try:
            window("Inkfall", name)
            return time.perf_counter() - started
        finally:
            process.kill()
            process.wait()


def to_first_token(program: Path, home: Path) -> float:
    """Seconds from the start of `inkfall complete` to its first byte of output: process, model and prompt."""
    command = [program / "inkfall", "complete", "--prompt", PROMPT, "--max-tokens", "4", "--seed", "1"]
    started = time.perf_counter()
    with subprocess.Popen(command, env={**os.environ, "INKFALL_HOME": str(home)}, stdout=subprocess.PIPE) as process:
        assert process.stdout
        process.stdout.read(1)
        took = time.perf_counter() - started
        process.stdout.read()
    if process.returncode:
        raise SystemExit(f"`inkfall complete` failed with {process.returncode}.")
    return took


def times(program: Path) -> list[Figure]:
    """Start times: of the very first start (no caches of ours, the starter not joined), then the best of several."""
    with tempfile.TemporaryDirectory() as name:
        home = Path(name)
        first = to_first_token(program, home)
        tokens = min(to_first_token(program, home) for _ in range(ROUNDS))
        windows = [to_window(program, home) for _ in range(ROUNDS)]
    return [
        Figure("first token, very first start", first, "s"),
        Figure("first token", tokens, "s"),
        Figure("window", min(windows), "s"),
        Figure("window, slowest", max(windows), "s"),
    ]


def before(folder: Path, own: str) -> dict[str, float]:
    """The figures of the build before this one, by name; empty without one."""
    older = sorted(path for path in folder.glob("*.json") if path.stem < own)
    return {figure["name"]: figure["value"] for figure in json.loads(older[-1].read_text())} if older else {}


def table(figures: list[Figure], previous: dict[str, float]) -> str:
    """One line a figure: now, the change, and the ratio."""
    lines: list[str] = []
    for one in figures:
        old = previous.get(one.name)
        change = f"{one.value - old:+10.2f}{f'{one.value / old:8.2f} x' if old else ''}" if old is not None else ""
        lines.append(f"{one.name:<52}{one.value:>9.2f} {one.unit:<3}{change}".rstrip())
    return "\n".join(lines)


def main() -> int:
    if not DIST.is_dir() or not PROGRAM.is_dir():
        print("Nothing was built yet: make dist", file=sys.stderr)
        return 1
    try:
        figures = sizes() + times(PROGRAM)
    except NoWindowError as error:
        print(error, file=sys.stderr)
        return 1
    reports = DIST / "reports"
    reports.mkdir(exist_ok=True)
    own = f"{int((PROGRAM / 'inkfall').stat().st_mtime):012d}"
    print(table(figures, before(reports, own)))
    print(f"load of the machine: {', '.join(f'{one:.1f}' for one in os.getloadavg())} on {os.cpu_count()} cores")
    (reports / f"{own}.json").write_text(json.dumps([asdict(one) for one in figures]), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
