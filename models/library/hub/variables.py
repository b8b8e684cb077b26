"""The variables of this process, and the tokens among them, which no other process gets.

Standard library only: read before anything else is.
"""

import os
import re
from collections.abc import Mapping, MutableMapping

_A_TOKEN = re.compile(r"(HF|HUGGING_?FACE)\w*TOKEN")  # by whatever name a program of the hub's knows it
_kept: dict[str, str] = {}


def tokens_in(environment: Mapping[str, str]) -> list[str]:
    """The names of the variables that hold a token of the hub's."""
    return [name for name in environment if _A_TOKEN.fullmatch(name)]


def keep_tokens(environment: MutableMapping[str, str] = os.environ) -> None:
    """Take the tokens out of the environment, which all processes that are started from now on inherit."""
    _kept.update((name, environment.pop(name)) for name in tokens_in(environment))


def own() -> Mapping[str, str]:
    """The environment of this process, with its tokens."""
    return {**_kept, **os.environ}
