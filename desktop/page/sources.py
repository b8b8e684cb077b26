"""Sources: which model, settings and draws a token on the page comes from. A row holds the index of its source."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from models.engine.conditions import Conditions
from models.sampling.knobs import NEUTRAL, Sampling

_UNKNOWN_CONDITIONS = Conditions()


@dataclass(frozen=True, slots=True)
class Source:
    """Which model wrote or read a token, and how. fingerprint: of the model's file. kind: "generated", or "read" where
    the model scored the writer's text, or "chosen" where the writer chose the token among the model's; the rest then
    tells how its odds were computed. window: tokens of the prefix that the model no longer saw (estimated where text
    without tokens was among them). n_keep: how many of the page's first tokens it should still see. seed, take and
    first name the draws: Philox(seed, take, first + index); seed None where nothing was drawn. stream: which of the
    generations that were requested together. sha256: of the model's file, "" where no catalogue tells it. conditions:
    under which the model ran. rows, width: of the step in which the odds were computed, as in requests.StepWidth; 0
    where not known, and for the text of a writer, which is read in chunks. exact: as in events.Started: the logits that
    the generation started from were evaluated as in a fresh read. inserted: the generation began before text, which
    stayed behind it. retry, banned: number and banned tokens of coin.Retry. healed: of a generation's first token, the
    typed text that it spells, too: the token had to begin with it. fed: bytes before the generation that its grammar
    was fed: those since it began, where the writer chose a token and the model went on."""

    fingerprint: str
    kind: Literal["generated", "read", "chosen"] = "generated"
    window: int = 0
    sampling: Sampling = NEUTRAL
    seed: int | None = None
    take: int = 0
    first: int = 0
    n_keep: int = 0
    stream: int = 0
    rows: int = 0
    width: int = 0
    exact: bool = False
    sha256: str = ""
    conditions: Conditions = _UNKNOWN_CONDITIONS
    inserted: bool = False
    retry: int = 0
    banned: tuple[int, ...] = ()
    healed: str = ""
    fed: int = 0

    def is_same_generation(self, other: "Source") -> bool:
        """Whether both are of one generation: in its course only window, width, exact, the retry and healed change."""
        changing = ("window", "width", "exact", "retry", "banned", "healed")
        return replace(self, **{name: getattr(other, name) for name in changing}) == other


_UNKNOWN = Source("")


class Sources:
    """All sources of a page, by index. Sources are only added."""

    def __init__(self, sources: Sequence[Source] = ()) -> None:
        self._list = list(sources)
        self._index = {source: index for index, source in enumerate(self._list)}

    def __len__(self) -> int:
        return len(self._list)

    def __getitem__(self, index: int) -> Source:
        """The source with that index; an unknown one where there is none: a row of a damaged file may name any."""
        return self._list[index] if 0 <= index < len(self._list) else _UNKNOWN

    def index(self, source: Source) -> int:
        """The index of that source, which is added if it is new."""
        if source not in self._index:
            self._index[source] = len(self._list)
            self._list.append(source)
        return self._index[source]

    def of_model(self, fingerprint: str) -> list[int]:
        """The indices of that model's sources."""
        return [index for index, source in enumerate(self._list) if source.fingerprint == fingerprint]
