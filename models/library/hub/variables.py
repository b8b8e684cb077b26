"""Takes the hub's tokens out of the environment, so that child processes do not inherit them.

Imports the standard library only, because it runs first.
"""

import os
import re
from collections.abc import Mapping, MutableMapping

_A_TOKEN = re.compile(r"(HF|HUGGING_?FACE)\w*TOKEN")  # the names that the hub's programs use
_tokens: dict[str, str] = {}


def tokens_in(environment: Mapping[str, str]) -> list[str]:
    """The names of the variables that hold a token of the hub."""
    return [name for name in environment if _A_TOKEN.fullmatch(name)]


def take_out_tokens(environment: MutableMapping[str, str] = os.environ) -> None:
    """Move the tokens out of the environment, which child processes inherit, into this module."""
    _tokens.update((name, environment.pop(name)) for name in tokens_in(environment))


def own() -> Mapping[str, str]:
    """The environment of this process, with its tokens."""
    return {**_tokens, **os.environ}
