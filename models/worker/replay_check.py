"""Checks that a model can take recorded tokens and steps again: llama.cpp ends its process where it cannot.

A record is a file that anybody may have written.
"""

from collections.abc import Iterable

import numpy as np

from models.engine.events import ModelFacts
from models.engine.requests import Replayed
from models.errors import ModelError
from resources.language import tr

NO_SUCH_TOKEN = tr("A token is asked for that this model does not have.")
NO_SUCH_STEP = tr("Steps are recorded that this model cannot take here.")


def check_tokens(ids: Iterable[int], vocabulary: int) -> None:
    """Raise ModelError where an id is none of the vocabulary's."""
    found = np.asarray(ids)
    if len(found) and not 0 <= found.min() <= found.max() < vocabulary:
        raise ModelError(NO_SUCH_TOKEN)


def check_replayed(replayed: Iterable[Replayed], facts: ModelFacts) -> None:
    """Raise ModelError where a stream cannot be taken again as it is recorded."""
    widest = max(facts.widths, default=facts.streams)
    for stream in replayed:
        check_tokens(stream.ids, facts.vocabulary)
        for retry in stream.retries:
            check_tokens(retry.banned, facts.vocabulary)
        if any(not 1 <= rows <= width <= widest or rows > facts.streams for rows, width in set(stream.steps)):
            raise ModelError(NO_SUCH_STEP)
        if {len(stream.steps), len(stream.retries)} - {0, len(stream.ids)}:
            raise ModelError(NO_SUCH_STEP)
