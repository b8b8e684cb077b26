"""Limits of control groups: of version 1 and 2, nested, mixed, in a container and outside, and in a real group."""

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from models.library import cgroups
from models.library.machine import memory, physical_cores

ROOT = Path(__file__).resolve().parents[3]
MIB = 1 << 20
UNLIMITED = str((1 << 63) - 4096)


class System:
    """A folder in the place of /proc/self, and folders in that of /sys/fs/cgroup."""

    def __init__(self, folder: Path) -> None:
        self.proc, self.groups = folder / "proc", folder / "cgroup of tests"
        self.proc.mkdir()
        self.groups.mkdir()
        self.lines = ["22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw"]

    def mount(self, kind: str, name: str = "", root: str = "/") -> Path:
        """kind: cgroup2, or version 1's controllers."""
        point = self.groups / name
        point.mkdir(exist_ok=True)
        shown = str(point).replace(" ", "\\040")
        about = "cgroup2 cgroup2 rw,nsdelegate" if kind == "cgroup2" else f"cgroup cgroup rw,{kind}"
        self.lines.append(f"41 31 0:38 {root} {shown} rw,relatime shared:9 master:2 - {about}")
        (self.proc / "mountinfo").write_text("\n".join(self.lines) + "\n")
        return point

    def belong(self, *lines: str) -> Path:
        (self.proc / "cgroup").write_text("\n".join(lines) + "\n")
        return self.proc


def put(group: Path, **files: str) -> None:
    group.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        place = name.replace("_", ".", 1)
        (group / place).write_text(f"{text}\n")


@pytest.fixture
def system(tmp_path: Path) -> System:
    return System(tmp_path)


# ------------------------------------------------------------------------------------------------ processor time


@pytest.mark.parametrize(
    ("content", "quota"),
    [("150000 100000", 1.5), ("max 100000", None), ("50000", None), ("", None), ("a b", None), ("0 0", None)],
)
def test_a_quota_of_version_2(system: System, content: str, quota: float | None) -> None:
    put(system.mount("cgroup2") / "a", cpu_max=content)
    assert cgroups.cpu_quota(system.belong("0::/a")) == quota


@pytest.mark.parametrize(
    ("content", "period", "quota"),
    [("200000", "100000", 2.0), ("-1", "100000", None), ("5000", "10000", 0.5), ("100000", "0", None), ("x", "", None)],
)
def test_a_quota_of_version_1(system: System, content: str, period: str, quota: float | None) -> None:
    put(system.mount("cpu,cpuacct", "cpu") / "a", cpu_cfs_quota_us=content, cpu_cfs_period_us=period)
    assert cgroups.cpu_quota(system.belong("4:cpu,cpuacct:/a", "0::/b")) == quota


def test_the_tightest_group_above_counts(system: System) -> None:
    top = system.mount("cgroup2")
    put(top / "a", cpu_max="100000 100000", memory_max=str(500 * MIB), memory_current=str(100 * MIB))
    put(top / "a/b", cpu_max="max 100000", memory_max="max", memory_current=str(50 * MIB))
    put(top / "a/b/c", cpu_max="300000 100000", memory_max=str(900 * MIB), memory_current=str(50 * MIB))
    put(top / "beside", cpu_max="10000 100000", memory_max=str(MIB))
    proc = system.belong("0::/a/b/c")
    assert cgroups.cpu_quota(proc) == 1.0
    assert cgroups.memory_room(proc) == cgroups.Room(500 * MIB, 400 * MIB)


def test_both_versions_beside_each_other(system: System) -> None:
    """Mixed systems: the processor by version 1 and the memory by 2, and the other way round."""
    put(system.mount("cpu,cpuacct", "cpu") / "one", cpu_cfs_quota_us="400000", cpu_cfs_period_us="100000")
    put(system.mount("cgroup2", "unified") / "two", memory_max=str(64 * MIB), memory_current="0")
    proc = system.belong("7:cpu,cpuacct:/one", "3:name=systemd:/two", "0::/two")
    assert cgroups.cpu_quota(proc) == 4.0
    assert cgroups.memory_room(proc) == cgroups.Room(64 * MIB, 64 * MIB)
    put(system.groups / "unified/two", cpu_max="200000 100000")
    assert cgroups.cpu_quota(proc) == 2.0


# ------------------------------------------------------------------------------------------------ memory


def test_memory_of_version_2(system: System) -> None:
    """File pages count as free: the kernel drops them, and a mapped model's weights are such pages."""
    stat = f"anon {60 * MIB}\nfile {30 * MIB}\ninactive_file {20 * MIB}\nactive_file {10 * MIB}"
    put(system.mount("cgroup2") / "a", memory_max=str(256 * MIB), memory_current=str(100 * MIB), memory_stat=stat)
    proc = system.belong("0::/a")
    assert cgroups.memory_room(proc) == cgroups.Room(256 * MIB, (256 - 100 + 30) * MIB)
    put(system.groups / "a", memory_high=str(128 * MIB))  # above it the kernel slows the processes down
    assert cgroups.memory_room(proc) == cgroups.Room(128 * MIB, (128 - 100 + 30) * MIB)
    put(system.groups / "a", memory_high="max", memory_current=str(400 * MIB))
    assert cgroups.memory_room(proc) == cgroups.Room(256 * MIB, 0)


def test_memory_of_version_1(system: System) -> None:
    top = system.mount("memory", "memory")
    put(top, memory_limit_in_bytes=UNLIMITED, memory_usage_in_bytes=str(900 * MIB))
    stat = f"inactive_file 5\nactive_file 6\ntotal_inactive_file {20 * MIB}\ntotal_active_file {10 * MIB}"
    limits = {"memory_limit_in_bytes": str(256 * MIB), "memory_usage_in_bytes": str(100 * MIB)}
    put(top / "a", **limits, memory_stat=stat)
    proc = system.belong("11:memory:/a")
    assert cgroups.memory_room(proc) == cgroups.Room(256 * MIB, (256 - 100 + 30) * MIB)


# ------------------------------------------------------------------------------------------------ containers


def test_a_container_that_sees_the_paths_of_its_host(system: System) -> None:
    point = system.mount("cpu,cpuacct", "cpu", root="/docker/0123")
    put(point, cpu_cfs_quota_us="100000", cpu_cfs_period_us="100000")
    put(point / "within", cpu_cfs_quota_us="50000", cpu_cfs_period_us="100000")
    assert cgroups.cpu_quota(system.belong("4:cpu,cpuacct:/docker/0123")) == 1.0
    assert cgroups.cpu_quota(system.belong("4:cpu,cpuacct:/docker/0123/within")) == 0.5


@pytest.mark.parametrize("path", ["/", "/docker/0123", "/../../elsewhere", "/docker/0123/with:colon"])
def test_a_path_that_is_not_there_leaves_the_containers_own(system: System, path: str) -> None:
    put(system.mount("cgroup2"), cpu_max="250000 100000", memory_max=str(MIB), memory_current="0")
    assert cgroups.cpu_quota(system.belong(f"0::{path}")) == 2.5


def test_a_path_outside_of_the_mount(system: System) -> None:
    put(system.mount("cgroup2", root="/lxc/one"), cpu_max="250000 100000")
    assert cgroups.cpu_quota(system.belong("0::/")) == 2.5


def test_no_groups_and_nonsense(system: System) -> None:
    assert cgroups.cpu_quota(system.proc / "none") is None and cgroups.memory_room(system.proc / "none") is None
    system.mount("cgroup2")
    (system.proc / "mountinfo").write_bytes(b"\xff - cgroup2\n - \n\n1 2 3\n1 2 3 / /none rw - cgroup2 x rw\n")
    for lines in ("", "0", "0:", "::::", "0::/a"):
        proc = system.belong(lines)
        assert cgroups.cpu_quota(proc) is None and cgroups.memory_room(proc) is None


# ------------------------------------------------------------------------------------------------ the machine


def test_unlimited_groups_change_nothing(system: System) -> None:
    put(system.mount("memory", "memory"), memory_limit_in_bytes=UNLIMITED, memory_usage_in_bytes="0")
    put(system.mount("cpu", "cpu"), cpu_cfs_quota_us="100000000", cpu_cfs_period_us="100000")
    proc, none = system.belong("2:memory:/", "1:cpu:/"), system.proc / "none"
    assert memory(proc).total == memory(proc).installed == memory(none).total
    assert physical_cores(proc) == physical_cores(none)


def test_a_limit_replaces_the_machines_numbers(system: System) -> None:
    limits = {"memory_max": str(64 * MIB), "memory_current": str(14 * MIB)}
    put(system.mount("cgroup2") / "a", cpu_max="100000 100000", **limits)
    found = memory(system.belong("0::/a"))
    assert (found.total, found.available) == (64 * MIB, 50 * MIB) and found.installed > 64 * MIB


@pytest.mark.parametrize(
    ("quota", "cores"), [(0.1, 1), (0.99, 1), (1.0, 1), (1.5, 1), (1.95, 2), (2.0, 2), (2.6, 2), (3.0, 3)]
)
def test_a_share_of_time_is_worth_whole_cores(
    system: System, monkeypatch: pytest.MonkeyPatch, quota: float, cores: int
) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _pid: set(range(8)), raising=False)
    monkeypatch.setattr("psutil.cpu_count", lambda **_: 8)
    put(system.mount("cgroup2") / "a", cpu_max=f"{round(quota * 100_000)} 100000")
    assert physical_cores(system.belong("0::/a")) == cores


# ------------------------------------------------------------------------------------------------ a real group

VERSION_1 = Path("/sys/fs/cgroup/memory"), Path("/sys/fs/cgroup/cpu")
VERSION_2 = (Path("/sys/fs/cgroup"),)
LIMITS = {
    "memory.limit_in_bytes": str(900 * MIB),
    "memory.max": str(900 * MIB),
    "cpu.cfs_quota_us": "100000",
    "cpu.max": "100000 100000",
}


@pytest.fixture
def entered() -> Iterator[str]:
    """A shell's command that goes into a group with limits, below another one; the test is left out where none can be
    made."""
    tops = VERSION_1 if VERSION_1[0].is_dir() else VERSION_2
    name, made = f"inkfall-test-{uuid.uuid4().hex}", list[Path]()
    try:
        for top in tops:
            for group in (top / name, top / name / "within"):
                group.mkdir()
                made.append(group)
            limits = [top / name / file for file in LIMITS if (top / name / file).exists()]
            for file in limits:
                file.write_text(LIMITS[file.name])
            if len(limits) != 2 // len(tops):
                pytest.skip("its controllers are not handed on here")
        yield "".join(f"echo $$ > {top / name}/within/cgroup.procs && " for top in tops)
    except OSError as error:
        pytest.skip(f"no group can be made here: {error}")
    finally:
        for group in reversed(made):
            group.rmdir()


@pytest.mark.skipif(sys.platform != "linux", reason="there are none")
def test_a_real_group(entered: str) -> None:
    code = (
        "from models.library.machine import memory, physical_cores; from models.library.fit import this_machine\n"
        "print(memory().total, this_machine().memory.total, physical_cores(), memory().available < memory().total)"
    )
    done = subprocess.run(
        ["sh", "-c", f'{entered}exec "$@"', "sh", sys.executable, "-c", code],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == [str(900 * MIB), str(900 * MIB), "1", "True"]
