"""The processor's instruction sets, and whether they suffice, checked before a library that needs them is loaded.

Asks the C library, which knows what the system lets programs use.
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
    """An instruction set. leaf: index in glibc's table; register: 0 to 3 (eax, ebx, ecx, edx); bit: in that register.
    windows: number of the processor feature, -1 if Windows has none.
    """

    name: str
    leaf: int
    register: int
    bit: int
    windows: int = -1


# What numpy's packages need (x86-64-v2); llama.cpp's own base library needs less.
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


class _CpuidFeature(ctypes.Structure):
    """glibc's struct cpuid_feature. cpuid: what the processor has; active: what programs may use of it."""

    _fields_ = [("cpuid", ctypes.c_uint * 4), ("active", ctypes.c_uint * 4)]


def lacking() -> str:
    """One sentence if this processor lacks what the program needs; "" if it has it, or that cannot be known."""
    return sentence([feature.name for feature in NEEDED if has(feature) is False])


def sentence(missing: list[str]) -> str:
    """One sentence on the missing instruction sets; "" for none."""
    if not missing:
        return ""
    return tr("This processor lacks {lacking}: Inkfall needs one made since about 2009 (x86-64-v2).").format(
        lacking=", ".join(missing)
    )


def features() -> tuple[str, ...]:
    """The names of the processor's instruction sets, of NEEDED and MORE."""
    return tuple(feature.name for feature in NEEDED + MORE if has(feature))


def has(feature: Feature) -> bool | None:
    """Whether the processor has it; None if that cannot be known, or on another kind of processor."""
    if platform.machine().lower() not in INTEL:
        return None
    if sys.platform == "win32":
        known = ctypes.windll.kernel32.IsProcessorFeaturePresent  # pyright: ignore[reportAttributeAccessIssue, reportUnknownVariableType, reportUnknownMemberType]
        return None if feature.windows < 0 else bool(known(feature.windows))
    if (leaf := _cpuid_leaf(feature.leaf)) is not None:
        return bool(leaf.cpuid[feature.register] >> feature.bit & 1)
    return None


def _cpuid_leaf(leaf: int) -> _CpuidFeature | None:
    """An entry of glibc's table (2.33 and later), or None."""
    if not sys.platform.startswith("linux"):
        return None
    try:
        asked = getattr(ctypes.CDLL(None), "__x86_get_cpuid_feature_leaf")
    except (OSError, AttributeError):
        return None
    asked.restype, asked.argtypes = ctypes.POINTER(_CpuidFeature), [ctypes.c_uint]
    return asked(leaf).contents


def name() -> str:
    """The processor's name and instruction sets, for cache keys."""
    if sys.platform.startswith("linux"):
        try:
            lines = Path("/proc/cpuinfo").read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            lines = []
        models = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
        return " ".join([*models[:1], *features()])
    return " ".join([platform.processor(), *features()])
