"""Runs a monkey on the real program: `python -m tests.monkey.run --seed 7 --actions 400`, or `--minutes 60` for one
fresh seed after another. Prints the findings, and the actions of a failed seed.

Each seed has a home and settings of its own: direction, scale, language, font size, model. `--seed N` repeats a seed;
`--until M` does only its first actions, `--only 3,7-9` only those, and `--shrink` searches for a few that are enough.
Timing differs between runs, so a failure that depends on it may need several.
"""

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any

from desktop.crash import fatal
from models.library.app_dirs import OVERRIDE
from resources.language import CHOICE
from tests.crash.killing import build_faults
from tests.monkey.ledger import Ledger
from tests.monkey.words import numbers

PROGRAM = "tests.monkey.program"
ROOT = Path(__file__).resolve().parents[2]
HANGS = 60.0  # seconds without a line in the journal
SHOWN = 12  # actions before a finding that are printed


@dataclass
class Finding:
    """A finding: its kind, a sentence, and the action after which it was found."""

    kind: str
    says: str
    at: int
    more: str = ""  # what the program said when it ended

    @property
    def mark(self) -> str:
        """The finding without numbers and names of pages, to compare it with other seeds'."""
        if self.kind != "lost" and self.says.endswith(")") and ".py:" in self.says:
            kind = "end" if self.kind == "end" else self.says.partition(":")[0]
            return f"{kind} in {self.says[:-1].rpartition(' > ')[2].rpartition('(')[2]}"
        return f"{self.kind}: {''.join('#' if c.isdigit() else c for c in self.says)[:60]}"


@dataclass
class Result:
    """The result of one seed."""

    seed: int
    actions: list[dict[str, Any]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    stalls: list[dict[str, Any]] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def worst(self) -> float:
        return max((one["stall"] for one in self.stalls), default=0.0)


def run(
    seed: int, actions: int, only: str = "", home: Path | None = None, small: bool = False, program: str = PROGRAM
) -> Result:
    """Run all lives of one seed. home: kept if given. small: without tiny models. program: the module that is run."""
    result, begun = Result(seed), time.monotonic()
    with tempfile.TemporaryDirectory(prefix="monkey-", ignore_cleanup_errors=True) as folder:
        home = home or Path(folder)
        environment = prepared(home, seed, small)
        first = 0
        while first < actions:
            first = live(home, environment, result, first, actions, only, program)
    result.seconds = time.monotonic() - begun
    return result


def prepared(home: Path, seed: int, small: bool = False) -> dict[str, str]:
    """The home of a seed, and the environment variables for its program."""
    chance = Random(f"{seed}/make")
    for name in ("user", "tmp", "run", "scratch", "config"):
        (home / name).mkdir(parents=True, exist_ok=True)
    (home / "run").chmod(0o700)
    (home / "user" / "model.gguf").write_bytes(b"GGUF" + bytes(200))
    if not small and chance.random() < 0.3:
        from tests.models import tiny

        tiny.make(home / "user" / "tiny.gguf", chance.choice(tiny.ARCHITECTURES))
    settings = {
        "theme": chance.choice(("system", "light", "dark")),
        "font_size": chance.choice((12.5, 12.5, 6.0, 30.0, 72.0)),
        "heat": chance.random() < 0.3,
        "offline": chance.random() < 0.5,
        "endpoint": "http://127.0.0.1:9",
        "welcome_seen": chance.random() < 0.7,
        "length": chance.choice((1, 30, 128, None)),
    }
    (home / "config" / "settings.json").write_text(json.dumps(settings))
    environment = {
        **os.environ,
        OVERRIDE: str(home),
        "PYTHONPATH": str(ROOT),
        CHOICE: chance.choice(("en", "en", "en", "ko", "pseudo")),
        "HOME": str(home / "user"),
        "XDG_RUNTIME_DIR": str(home / "run"),
        "TMPDIR": str(home / "tmp"),
        "HF_HOME": str(home / "huggingface"),
        "PYTHON_KEYRING_BACKEND": "keyring.backends.fail.Keyring",
        "QT_QPA_PLATFORM": "offscreen",
        "QT_SCALE_FACTOR": chance.choice(("1", "1", "2")),
        "MONKEY_MIRRORED": chance.choice(("", "", "", "1")),
        "INKFALL_FAULT": str(home / "fault"),
        "PYTHONFAULTHANDLER": "1",
    }
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME", "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE"):
        environment.pop(name, None)
    if shutil.which("cc"):
        environment["LD_PRELOAD"] = str(build_faults(home))
    return environment


def live(
    home: Path, environment: dict[str, str], result: Result, first: int, last: int, only: str, program: str
) -> int:
    """Run one life of the program from an action on. Returns the action with which the next one begins."""
    command = [sys.executable, "-m", program, str(home), str(result.seed), str(first), str(last)]
    begun = len(read(home / "journal"))
    with (home / "output").open("wb") as output:
        process = subprocess.Popen(
            [*command, *filter(None, [only])],
            env=environment,
            cwd=home / "user",
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            hung = watch(process, home / "journal")
        finally:
            process.kill()
    records = read(home / "journal")[begun:]
    ended = next((one["ended"] for one in records if "ended" in one), None)
    at = max((one["at"] for one in records if "at" in one), default=first)
    take(result, records)
    if hung or process.returncode or ended is None:
        doing = " ".join([one["now"] for one in records if "now" in one][-1:])
        says = f"{doing}: {end(home, process.returncode, hung)}"
        result.findings.append(Finding("end", says, at, remains(home)))
        (home / "ledger").unlink(missing_ok=True)
        (home / "fault").unlink(missing_ok=True)
        return at + 1 if records else last  # a program that does not start is not started again
    result.findings += [Finding("lost at the end", one, at) for one in missing(home)]
    return ended


def watch(process: subprocess.Popen[bytes], journal: Path) -> bool:
    """Wait until the process ends. Returns whether it had to be ended."""
    size, since = -1, time.monotonic()
    while process.poll() is None:
        time.sleep(0.05)
        now = journal.stat().st_size if journal.exists() else 0
        if now != size:
            size, since = now, time.monotonic()
        elif time.monotonic() - since > HANGS:
            process.send_signal(signal.SIGABRT)
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
            return True
    return False


def read(journal: Path) -> list[dict[str, Any]]:
    lines = journal.read_text(encoding="utf-8").splitlines() if journal.exists() else []
    return [json.loads(line) for line in lines if line.endswith("}")]


def take(result: Result, records: list[dict[str, Any]]) -> None:
    result.actions += [one for one in records if "action" in one or "begins" in one]
    result.findings += [Finding(one["found"], one["says"], one["at"]) for one in records if "found" in one]
    result.stalls += [one for one in records if "stall" in one]


def end(home: Path, status: int, hung: bool) -> str:
    """How a process ended unexpectedly, and where."""
    left = fatal.remains(home / "log")
    output = (home / "output").read_text(encoding="utf-8", errors="replace")
    trace = (left.trace if left else output).partition("Current thread")[2].partition("\n\n")[0].splitlines()
    lines = [line.rpartition("/")[2].replace('", line ', ":") for line in trace if "File " in line]
    how = "hung" if hung else f"ended with {status}"
    return f"{how} ({' > '.join(reversed(lines[:5])) or ' / '.join(output.splitlines()[-3:])})"


def remains(home: Path) -> str:
    """The last output of a program before it ended."""
    output = (home / "output").read_text(encoding="utf-8", errors="replace").splitlines()
    left = fatal.remains(home / "log")
    return "\n".join([*output[-30:], *(left.trace.partition("Current")[2].splitlines()[:30] if left else [])])


def missing(home: Path) -> list[str]:
    """The texts that are in no file after the window was closed."""
    ledger = Ledger(str, Path)
    ledger.read(home / "ledger")
    return ledger.missing(home, home / "scratch")


# ------------------------------------------------------------------------------------------------ fewer actions


def shrunk(seed: int, actions: list[int], mark: str) -> list[int]:
    """Fewer actions of a seed that still lead to the same finding."""
    size = max(1, len(actions) // 2)
    while size:
        place = 0
        while place < len(actions):
            fewer = actions[:place] + actions[place + size :]
            if fewer and any(one.mark == mark for one in run(seed, max(fewer) + 1, as_ranges(fewer)).findings):
                actions = fewer
                print(f"  {len(actions)} actions: {as_ranges(actions)}", flush=True)
            else:
                place += size
        size //= 2
    return actions


def as_ranges(actions: list[int]) -> str:
    return ",".join(map(str, actions))


# ------------------------------------------------------------------------------------------------ printing


def story(result: Result, until: int) -> Iterator[str]:
    """The actions before a finding."""
    for one in [one for one in result.actions if one["at"] <= until and one.get("did")][-SHOWN:]:
        yield f"    {one['at']:4} {one['action']}: {'; '.join(one['did'])[:300]}"


def tell(result: Result, seen: Counter[str]) -> None:
    done = len({one["at"] for one in result.actions})
    print(
        f"seed {result.seed:6}  {done:5} actions  {len(result.findings):3} findings  {len(result.stalls):3} stalls, "
        f"worst {result.worst * 1000:5.0f} ms  {result.seconds:6.1f} s",
        flush=True,
    )
    for one in result.findings:
        seen[one.mark] += 1
        if seen[one.mark] == 1:
            print(f"  after {one.at}: {one.kind}: {one.says}")
            print(
                "\n".join((*story(result, one.at), *[f"      | {line}" for line in one.more.splitlines()])), flush=True
            )


def main() -> int:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the program that runs is ended as well
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seed", type=int, default=None)
    parser.add_argument("--seeds", type=int, default=1, help="how many, one after the other")
    parser.add_argument("--actions", type=int, default=400)
    parser.add_argument("--until", type=int, default=0, help="only the first actions")
    parser.add_argument("--only", default="", help="only these actions, as in 3,7-9")
    parser.add_argument("--minutes", type=float, default=0.0, help="fresh seeds until that much time is over")
    parser.add_argument("--keep", type=Path, default=None, help="the home of the run, which is left as it is")
    parser.add_argument("--shrink", action="store_true", help="look for fewer actions that come to the same")
    wanted = parser.parse_args()
    actions = wanted.until or wanted.actions
    fresh = int(time.time()) % 1_000_000
    first = fresh if wanted.seed is None else wanted.seed
    seen: Counter[str] = Counter()
    results: list[Result] = []
    until = time.monotonic() + 60 * wanted.minutes
    while len(results) < wanted.seeds or time.monotonic() < until:
        results.append(run(first + len(results), actions, wanted.only, wanted.keep))
        tell(results[-1], seen)
    conclude(results, seen)
    if wanted.shrink and results[0].findings:
        found = results[0].findings[0]
        print(f"fewer actions for: {found.mark}", flush=True)
        done = list(numbers(wanted.only)) or list(range(found.at + 1))
        print(f"--seed {first} --only {as_ranges(shrunk(first, done, found.mark))}")
    return 1 if seen else 0


def conclude(results: list[Result], seen: Counter[str]) -> None:
    actions = sum(len({one["at"] for one in result.actions}) for result in results)
    worst = max((result.worst for result in results), default=0.0)
    print(
        f"{len(results)} seeds, {actions:,} actions, {sum(seen.values())} findings, worst stall {worst * 1000:.0f} ms"
    )
    for mark, count in seen.most_common():
        print(f"{count:5}  {mark}")
    dirs: Counter[str] = Counter()
    for result in results:
        for one in result.stalls:
            dirs[one["where"].rpartition(" > ")[2] or one["what"]] = max(
                dirs[one["where"].rpartition(" > ")[2] or one["what"]], round(1000 * one["stall"])
            )
    for place, milliseconds in dirs.most_common(12):
        print(f"{milliseconds:5} ms  {place}")


if __name__ == "__main__":
    sys.exit(main())
