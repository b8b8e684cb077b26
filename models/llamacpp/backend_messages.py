"""Why a backend of llama.cpp is not used: kept and compared in English, shown in the language spoken.

A reason is found out once and kept for a week or longer (models/launch/backend_choice.py); the language may be another
one when it is read.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from resources.language import tr as spoken


def _reasons(tr: Callable[[str], str]) -> dict[str, str]:
    return {
        "none": tr("none of them is made for this processor"),
        "version": tr("llama.cpp refuses it: it was made for another version"),
        "no device": tr("{words} finds no graphics device"),
        "no memory": tr("{name} gives no memory"),
        "no result": tr("{name} does not compute"),
        "wrong result": tr("{name} gets sums wrong"),
        "no Vulkan": tr("this computer has no Vulkan driver ({lacking} is missing)"),
        "no NVIDIA": tr("this computer has no NVIDIA driver ({lacking} is missing)"),
        "unmarked": tr("it does not say which llama.cpp it was made for"),
        "other ggml": tr("it was made for ggml {theirs}, and this program has {ours}: get the pack of this version"),
        "lacking": tr("{lacking} is missing on this computer"),
        "no llama.cpp": tr("llama.cpp's library is missing"),
        "standstill": tr("it stopped responding"),
        "instruction": tr("it uses an instruction that this processor lacks"),
        "died of it": tr("the engine ended when it used it; it is tried again in a week"),
        "died": tr("the process that tried it ended with {code}"),
        "last words": tr("{why} (it last said: {words})"),
    }


KEPT = _reasons(str)
_SHOWN = _reasons(spoken)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*)", re.escape(template)), re.DOTALL)


_PATTERNS = {name: _pattern(template) for name, template in reversed(KEPT.items())}


def shown(kept: str) -> str:
    """What was kept, in the language spoken; what is none of these (names of devices, words of the system) as it is."""
    for name, pattern in _PATTERNS.items():
        if found := pattern.fullmatch(kept):
            told = found.groupdict()
            if "why" in told:
                told["why"] = shown(told["why"])
            return _SHOWN[name].format(**told)
    return kept
