"""The odds that a string comes next: its tokens behind a prefix, and the log-probability of each given those before."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterable, Iterator

import numpy as np

from models.engine.events import StringOdds
from models.engine.prefix import Piece, TextPiece, joined
from models.errors import ModelError
from models.sampling.coin import Ids
from models.sampling.stages import Logits
from models.sampling.statistics import Distribution
from models.worker.cache import Rows
from models.worker.language_model import LanguageModel
from models.worker.spelling import Spelling
from models.worker.tokens import Tokens
from resources.language import tr

EMPTY_STRING = tr("An empty string has no odds: give it at least one character.")
UNREADABLE = tr("The model's vocabulary cannot read this text.")


def split(model: LanguageModel, tokens: Tokens, pieces: tuple[Piece, ...], text: str) -> array[int]:
    """The tokens of a string behind the prefix, as events.StringOdds says. Raises ModelError where it has none."""
    if not text:
        raise ModelError(EMPTY_STRING)
    ids = _behind(model, tokens, pieces, text)
    if not ids:
        raise ModelError(UNREADABLE)
    return ids


def _behind(model: LanguageModel, tokens: Tokens, pieces: tuple[Piece, ...], text: str) -> array[int]:
    before = tokens.of(pieces).ids
    whole = tokens.of(joined((*pieces, TextPiece(text)))).ids
    if whole[: len(before)] == before:
        return whole[len(before) :]
    return model.tokenize(text, False)


def odds(
    model: LanguageModel,
    text: str,
    ids: array[int],
    logits: Logits,
    rows: Iterable[Rows],
    spelling: Spelling | None = None,
) -> StringOdds:
    """The odds of a string with these tokens. logits: behind the prefix. rows: the logits behind each token but the
    last. spelling: of the whole vocabulary; None leaves `begins` out. Raises ModelError on NaN.
    """
    first = Distribution(logits)
    raw = array("d", [_log_probability(first, ids[0])])
    for token, row in zip(ids[1:], _each(rows), strict=True):
        raw.append(_log_probability(Distribution(row), token))
    texts = tuple(map(model.token_bytes, ids))
    spelt = text.encode("utf-8", "replace")
    begins = math.nan if spelling is None else _any_of(first, spelling.beginning_with(spelt))
    return StringOdds(text, ids, raw, first.rank(ids[0]), texts, begins)


def _each(rows: Iterable[Rows]) -> Iterator[Logits]:
    for some in rows:
        yield from some


def _any_of(distribution: Distribution, tokens: Ids) -> float:
    """The log-probability of these tokens together, in nats; -inf for none."""
    weights, total = distribution.weigh()
    together = float(weights[tokens].sum(dtype=np.float64))
    return min(math.log(together) - math.log(total), 0.0) if together > 0 else -math.inf


def _log_probability(distribution: Distribution, token: int) -> float:
    _, total = distribution.weigh()
    return float(np.float64(distribution.shifted[token])) - math.log(total)
