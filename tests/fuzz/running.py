"""Runs cases of a fuzzer in child processes: records what each raises, its memory and its processor time.

    python -m tests.fuzz.pages 10000 [first seed]
    python -m tests.fuzz.hub 10000 [first seed]

A case is a seed. A child that dies is a finding, too. Linux only: memory is read from /proc.
"""

import argparse
import faulthandler
import json
import re
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

MEMORY = 512 * 2**20  # bytes that one case may take
SECONDS = 5.0  # of a processor
HANGS = 600.0  # seconds by the clock, after which a child is given up, however busy the machine is
BATCH = 100  # cases of one child
STATUS, CLEAR = Path("/proc/self/status"), Path("/proc/self/clear_refs")


@dataclass(frozen=True)
class Finding:
    """seed: of the case. what: a traceback, or what it took too much of."""

    seed: int
    what: str


@dataclass
class Report:
    """The results of many cases. memory: bytes, seconds: of a processor; the maximum of one case, and which case. ends:
    how many cases ended in each way."""

    findings: list[Finding]
    ends: dict[str, int]
    memory: tuple[int, int] = (0, 0)
    seconds: tuple[float, int] = (0.0, 0)

    def add(self, other: "Report") -> None:
        self.findings += other.findings
        for end, count in other.ends.items():
            self.ends[end] = self.ends.get(end, 0) + count
        self.memory, self.seconds = max(self.memory, other.memory), max(self.seconds, other.seconds)

    def __str__(self) -> str:
        ends = ", ".join(f"{count} {end}" for end, count in sorted(self.ends.items(), key=lambda pair: -pair[1]))
        lines = [f"seed {finding.seed}: {finding.what}" for finding in self.findings]
        lines += [f"{len(self.findings)} findings; {ends}"]
        lines += [f"most memory {self.memory[0] / 2**20:.0f} MiB (seed {self.memory[1]})"]
        return "\n".join([*lines, f"most time {self.seconds[0]:.2f} s (seed {self.seconds[1]})"])


def run(module: str, count: int, first: int = 0, progress: Callable[[str], None] = lambda _words: None) -> Report:
    """Run `count` cases of a module, from seed `first` on. progress: called with the report after each child."""
    report = Report([], {})
    end = first + count
    while first < end:
        size = min(BATCH, end - first)
        found, first = _child(module, first, size)
        report.add(found)
        progress(f"---- up to seed {first - 1}\n{report}")
    return report


def _child(module: str, first: int, count: int) -> tuple[Report, int]:
    """Cases in one child, and where to go on: behind the one that it died of."""
    command = [sys.executable, "-m", module, "--child", str(count), str(first)]
    report, begun = Report([], {}), first
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stderr is not None
        for line in process.stdout:
            if line.startswith("case "):
                begun = int(line.split()[1])
            elif line.startswith("{"):
                case = json.loads(line)
                findings = [Finding(**finding) for finding in case["findings"]]
                report.add(Report(findings, case["ends"], tuple(case["memory"]), tuple(case["seconds"])))
        stderr = process.stderr.read()
    if process.returncode:
        report.findings.append(Finding(begun, f"the child died of it (status {process.returncode}): {stderr[-3_000:]}"))
        return report, begun + 1
    return report, first + count


def in_child(case: Callable[[int], str], seeds: Iterator[int]) -> None:
    """Each case in turn; case: returns in a word how it ended."""
    import resource  # there is none on Windows

    begin = _size("VmSize")
    resource.setrlimit(resource.RLIMIT_AS, (begin + 2 * MEMORY, resource.RLIM_INFINITY))  # more is a MemoryError
    for seed in seeds:
        print(f"case {seed}", flush=True)  # noqa: T201
        faulthandler.dump_traceback_later(HANGS, exit=True)
        print(json.dumps(asdict(_one(case, seed))), flush=True)  # noqa: T201
    faulthandler.cancel_dump_traceback_later()


class _Meter:
    """Measures a case, from `begin` on."""

    def begin(self) -> None:
        CLEAR.write_text("5")  # the most that it ever took is what it takes now
        self.before, self.began = _size("VmRSS"), time.process_time()


_meter = _Meter()


def is_made() -> None:
    """Exclude the cost of making the case."""
    _meter.begin()


def _one(case: Callable[[int], str], seed: int) -> Report:
    _meter.begin()
    findings: list[Finding] = []
    try:
        end = case(seed)
    except Exception:  # noqa: BLE001  (the very thing that is looked for)
        end = "raised"
        findings.append(Finding(seed, traceback.format_exc()[-3_000:]))
    seconds, memory = time.process_time() - _meter.began, _size("VmHWM") - _meter.before
    if memory > MEMORY:
        findings.append(Finding(seed, f"it took {memory / 2**20:.0f} MiB ({end})"))
    if seconds > SECONDS:
        findings.append(Finding(seed, f"it took {seconds:.1f} s ({end})"))
    return Report(findings, {end: 1}, (memory, seed), (seconds, seed))


def _size(name: str) -> int:
    """Bytes of memory, as the system calls them."""
    found = re.search(rf"{name}:\s+(\d+) kB", STATUS.read_text())
    assert found is not None
    return 1_024 * int(found[1])


def main(module: str, case: Callable[[int], str], ended: Callable[[], None] = lambda: None) -> None:
    """The entry point of `python -m`. ended: called at the end of a child."""
    parser = argparse.ArgumentParser()
    parser.add_argument("count", type=int)
    parser.add_argument("first", type=int, nargs="?", default=0)
    parser.add_argument("--child", action="store_true")
    asked = parser.parse_args()
    if asked.child:
        in_child(case, iter(range(asked.first, asked.first + asked.count)))
        ended()
        return
    report = run(module, asked.count, asked.first, lambda words: print(words, flush=True))  # noqa: T201
    sys.exit(1 if report.findings else 0)
