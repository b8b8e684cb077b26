"""What this computer's processor can, and whether that is enough, before any library that could die of it is loaded.

The C library is asked, which knows what the system lets programs use. Knows nothing of llama.cpp.
"""

from __future__ import annotations

import ctypes
import platform
import sys
from dataclasses import dataclass
from pathlib import Path

from resources.language import tr

INTEL = {"x86_64", "amd64"}


@dataclass(frozen=True, slots=True)
class Feature:
    """name: as people know it. leaf: of glibc's table, register: of its row (eax, ebx, ecx, edx), bit: there. windows:
    number of the processor feature, -1 where Windows has no name for it.
    """

    name: str
    leaf: int
    register: int
    bit: int
    windows: int = -1


# What numpy's packages are built for (x86-64-v2); llama.cpp's own base library asks for less.
NEEDED = (
    Feature("SSE3", 0, 2, 0, 13),
    Feature("SSSE3", 0, 2, 9, 36),
    Feature("SSE4.1", 0, 2, 19, 37),
    Feature("SSE4.2", 0, 2, 20, 38),
    Feature("POPCNT", 0, 2, 23),
)
MORE = (
    Feature("AVX", 0, 2, 28, 39),
    Feature("F16C", 0, 2, 29),
    Feature("FMA", 0, 2, 12),
    Feature("AVX2", 1, 1, 5, 40),
    Feature("AVX-512", 1, 1, 16, 41),
)


class _Row(ctypes.Structure):
    """glibc's struct cpuid_feature. cpuid: what the processor has; active: what programs may use of it."""

    _fields_ = [("cpuid", ctypes.c_uint * 4), ("active", ctypes.c_uint * 4)]


def lacking() -> str:
    """One sentence where this processor lacks what the program needs; empty where it has it, or none can say."""
    return sentence([feature.name for feature in NEEDED if has(feature) is False])


def sentence(missing: list[str]) -> str:
    if not missing:
        return ""
    return tr("This processor lacks {lacking}: Inkfall needs one made since about 2009 (x86-64-v2).").format(
        lacking=", ".join(missing)
    )


def features() -> tuple[str, ...]:
    """The names of what it has, of what matters here."""
    return tuple(feature.name for feature in NEEDED + MORE if has(feature))


def has(feature: Feature) -> bool | None:
    """None where it cannot be known, or is no question on this kind of processor."""
    if platform.machine().lower() not in INTEL:
        return None
    if sys.platform == "win32":
        known = ctypes.windll.kernel32.IsProcessorFeaturePresent  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType, reportUnknownMemberType]
        return None if feature.windows < 0 else bool(known(feature.windows))
    if (row := _row(feature.leaf)) is not None:
        return bool(row.cpuid[feature.register] >> feature.bit & 1)
    return None


def _row(leaf: int) -> _Row | None:
    """Of glibc's table (2.33 and later)."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        asked = getattr(ctypes.CDLL(None), "__x86_get_cpuid_feature_leaf")
    except (OSError, AttributeError):
        return None
    asked.restype, asked.argtypes = ctypes.POINTER(_Row), [ctypes.c_uint]
    return asked(leaf).contents


def name() -> str:
    """Tells one processor from another: what was found on one does not hold for another."""
    if sys.platform.startswith("linux"):
        try:
            lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        return " ".join([*models[:1], *features()])
    return " ".join([platform.processor(), *features()])
