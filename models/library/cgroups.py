"""The processor time and memory that Linux control groups (version 1 and 2) allow this process, as in a container.

A group is also limited by all groups above it. A file that cannot be read sets no limit. Other systems have none.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

PROC = Path("/proc/self")
_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Room:
    """limit: bytes of the smallest limit. free: bytes free in the tightest group, including reclaimable ones."""

    limit: int
    free: int


@dataclass(frozen=True, slots=True)
class _Mount:
    """A mounted hierarchy. root: the group mounted at `point`. controllers: of version 1; None for version 2, which has
    all.
    """

    root: str
    point: Path
    controllers: frozenset[str] | None

    def holds(self, controller: str) -> bool:
        return self.controllers is None or controller in self.controllers


def cpu_quota(proc: Path = PROC) -> float | None:
    """The processor time this process may use, in processors, as in 1.5; None without a limit."""
    quotas = [quota for group in _groups("cpu", proc) if (quota := _quota(group)) is not None]
    return min(quotas, default=None)


def memory_room(proc: Path = PROC) -> Room | None:
    """The memory this process may use; None without a limit."""
    rooms = [room for group in _groups("memory", proc) if (room := _room(group)) is not None]
    return Room(min(room.limit for room in rooms), min(room.free for room in rooms)) if rooms else None


# ------------------------------------------------------------------------------------------------ one group


def _quota(group: Path) -> float | None:
    quota, period, *_ = *_words(group / "cpu.max"), "", ""
    if not quota:
        quota, period = _word(group / "cpu.cfs_quota_us"), _word(group / "cpu.cfs_period_us")
    if not (quota.isdecimal() and period.isdecimal() and int(quota) and int(period)):  # "max", or -1
        return None
    return int(quota) / int(period)


def _room(group: Path) -> Room | None:
    limits = [_word(group / name) for name in ("memory.max", "memory.high", "memory.limit_in_bytes")]
    numbers = [int(limit) for limit in limits if limit.isdecimal()]  # "max" is no limit
    if not numbers:
        return None
    used = _word(group / "memory.current") or _word(group / "memory.usage_in_bytes")
    held = max(0, int(used) - _reclaimable(group)) if used.isdecimal() else 0
    return Room(min(numbers), max(0, min(numbers) - held))


def _reclaimable(group: Path) -> int:
    """Bytes of cached files that the kernel can drop, including those of the groups below."""
    words = _words(group / "memory.stat")
    stat = {name: int(value) for name, value in zip(words[::2], words[1::2], strict=False) if value.isdecimal()}
    mark = (
        "total_" if "total_inactive_file" in stat else ""
    )  # in version 1 the unprefixed values leave out the groups below
    return sum(stat.get(f"{mark}{name}", 0) for name in ("inactive_file", "active_file", "slab_reclaimable"))


def _word(file: Path) -> str:
    return next(iter(_words(file)), "")


def _words(file: Path) -> list[str]:
    return _text(file).split()


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""


# ------------------------------------------------------------------------------------------------ finding the groups


def _groups(controller: str, proc: Path) -> Iterator[Path]:
    """The folders of this process's groups, and of those above them, in every hierarchy that has the controller."""
    mounts = [mount for mount in _mounts(proc) if mount.holds(controller)]
    for line in _text(proc / "cgroup").splitlines():
        _, names, path = [*line.split(":", 2), "", ""][:3]
        version_1 = controller in names.split(",")
        if not version_1 and names:
            continue
        own = [mount for mount in mounts if (mount.controllers is not None) == version_1]
        within = [mount for mount in own if _below(path, mount.root) is not None]
        for mount in within or own:  # a path from outside the container means nothing inside
            yield from _upwards(mount.point, _below(path, mount.root) or PurePosixPath())


def _below(path: str, root: str) -> PurePosixPath | None:
    found = PurePosixPath(path)
    return found.relative_to(root) if found.is_relative_to(root) else None


def _upwards(point: Path, below: PurePosixPath) -> Iterator[Path]:
    if ".." not in below.parts:
        yield from (point / part for part in (below, *below.parents))
    else:
        yield point


def _mounts(proc: Path) -> Iterator[_Mount]:
    """The hierarchies in /proc/self/mountinfo: `41 31 0:38 ROOT POINT rw,… shared:1 - cgroup2 cgroup2 rw,…`."""
    for line in _text(proc / "mountinfo").splitlines():
        mounted, _, system = line.partition(" - ")
        fields, options = mounted.split(" "), system.split(" ")
        if len(fields) > 4 and options[0] in ("cgroup", "cgroup2"):
            root, point = (_OCTAL.sub(lambda found: chr(int(found[1], 8)), field) for field in fields[3:5])
            controllers = None if options[0] == "cgroup2" else frozenset(options[-1].split(","))
            yield _Mount(root, Path(point), controllers)
