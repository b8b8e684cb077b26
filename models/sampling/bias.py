"""Logit bias: entries such as ` the=2`, `id:123=-inf` favour or ban tokens by a number of nats.

Settings, page files and exports hold the entries as they were written.
"""

from __future__ import annotations  # array[int] can be written in an annotation, not evaluated, before Python 3.12

import math
import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from models.errors import ModelError
from models.sampling.coin import Ids, Weights
from resources.language import printable, tr

MOST_NATS = 100.0  # either way; as a rule 10 nats make a token certain or impossible already
_ID = re.compile(r"id:(\d{1,9})")
_FORM = tr("A bias is TEXT=NUMBER or id:123=NUMBER, not “{entry}”.")
_NATS = tr("A bias lies between -{most:g} and {most:g} nats, or is -inf, not {nats:g}.")
_NO_TOKEN = tr("The model has no token {token:,} to favour or ban: it has {vocabulary:,}.")
_SEVERAL = tr("“{text}” is {count:,} tokens of this model: only one token can be favoured or banned.")
BAN_TEXTS = tr("To ban a text of several tokens, add it to Banned strings.")


@dataclass(frozen=True, slots=True)
class BiasToken:
    """What an entry means to a model: the token's id and bytes; else id -1, and a sentence that says why none."""

    id: int
    bytes: bytes = b""
    sentence: str = ""


class Vocabulary(Protocol):
    """The part of a model that turns texts into tokens: see SampledModel."""

    @property
    def vocabulary(self) -> int: ...

    def tokenize(self, text: str, first: bool) -> array[int]: ...

    def token_bytes(self, token: int) -> bytes: ...


def parse(entry: str) -> tuple[int | str, float]:
    """The token of an entry, its id or its text, and the nats; -inf bans. What follows the last = is the number. Raises
    ValueError with one sentence.
    """
    text, equals, number = entry.rpartition("=")
    try:
        nats = float(number)
    except ValueError:
        nats = math.nan
    if not (text and equals) or math.isnan(nats):
        raise ValueError(_FORM.format(entry=printable(entry)))
    if not -MOST_NATS <= nats <= MOST_NATS and nats != -math.inf:
        raise ValueError(_NATS.format(most=MOST_NATS, nats=nats))
    found = _ID.fullmatch(text)
    return int(found[1]) if found else text, nats


def resolve(entries: Sequence[str], model: Vocabulary) -> tuple[Ids, Weights]:
    """The ids of the entries' tokens, in order, and the nats, float32. Raises ModelError if an entry is none of this
    model's tokens.
    """
    pairs = [parse(entry) for entry in entries]
    ids = [_id(token, model) for token, _ in pairs]
    return np.array(ids, np.int32), np.array([nats for _, nats in pairs], np.float32)


def banned(entries: Sequence[str], model: Vocabulary) -> Ids:
    """The ids of the tokens that the entries ban. Raises ModelError as `resolve` does."""
    ids, nats = resolve(entries, model)
    return ids[nats == -np.inf]


def read(entry: str, model: Vocabulary) -> BiasToken:
    """What one entry means to the model."""
    try:
        token = _id(parse(entry)[0], model)
    except (ValueError, ModelError) as error:
        return BiasToken(-1, sentence=str(error))
    return BiasToken(token, model.token_bytes(token))


def _id(token: int | str, model: Vocabulary) -> int:
    if isinstance(token, str):
        ids = model.tokenize(token, False)
        if len(ids) != 1:
            raise ModelError(f"{_SEVERAL.format(text=printable(token), count=len(ids))} {BAN_TEXTS}")
        return ids[0]
    if token >= model.vocabulary:
        raise ModelError(_NO_TOKEN.format(token=token, vocabulary=model.vocabulary))
    return token
