"""How a piece of the page came to be: which model, which settings, which draw.

Knows nothing of the page; a row holds the index of its source.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from models.sampling.knobs import NEUTRAL, Sampling


@dataclass(frozen=True, slots=True)
class Source:
    """Who wrote or read it. fingerprint: of the model's file. kind: "generated", or "read" where the model scored what
    the writer wrote. window: tokens of the prefix that the model no longer saw (estimated, where text that no model has
    read was among them). n_keep: how many of the page's first tokens were to stay in its sight. seed and take name the
    draws (Philox(seed, take, first + index))."""

    fingerprint: str
    kind: Literal["generated", "read"] = "generated"
    window: int = 0
    sampling: Sampling = NEUTRAL
    seed: int | None = None
    take: int = 0
    first: int = 0
    n_keep: int = 0


_UNKNOWN = Source("")


class Sources:
    """Every source of a page, by index; only ever grows."""

    def __init__(self, sources: Sequence[Source] = ()) -> None:
        self._list = list(sources)
        self._index = {source: index for index, source in enumerate(self._list)}

    def __len__(self) -> int:
        return len(self._list)

    def __getitem__(self, index: int) -> Source:
        """One that nobody knows where there is none of that index: a row of a file may name any."""
        return self._list[index] if 0 <= index < len(self._list) else _UNKNOWN

    def index(self, source: Source) -> int:
        """The index of that source, which may be new."""
        if source not in self._index:
            self._index[source] = len(self._list)
            self._list.append(source)
        return self._index[source]

    def of_model(self, fingerprint: str) -> list[int]:
        """The sources that are that model's."""
        return [index for index, source in enumerate(self._list) if source.fingerprint == fingerprint]
