"""Why a backend of llama.cpp is not used: messages stored in English and translated when they are shown.

A message is stored for a week or longer (models/launch/backend_choice.py); the interface's language may change in
between.
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


ENGLISH = _reasons(str)
_TRANSLATED = _reasons(spoken)


def _pattern(template: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\\\{(\w+)\\\}", r"(?P<\1>.*)", re.escape(template)), re.DOTALL)


_PATTERNS = {name: _pattern(template) for name, template in reversed(ENGLISH.items())}


def translated(message: str) -> str:
    """A stored message in the interface's language; any other text (device names, the system's words) as it is."""
    for name, pattern in _PATTERNS.items():
        if found := pattern.fullmatch(message):
            fields = found.groupdict()
            if "why" in fields:
                fields["why"] = translated(fields["why"])
            return _TRANSLATED[name].format(**fields)
    return message
