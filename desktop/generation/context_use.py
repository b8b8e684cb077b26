"""How much of the context the page fills: the engine's count where it has read exactly this page, else an estimate.

No Qt.
"""

from dataclasses import dataclass

from desktop.generation.sent_prefix import Version, version_of
from desktop.page.excerpt import USUAL
from desktop.page.page import Page
from models.worker.tokens import dropped, header_tokens

_MOST = 256  # counts that are remembered; older ones are forgotten
_ENOUGH = 16  # units of text without tokens; the rate of a shorter text is no measure for another text


@dataclass(frozen=True, slots=True)
class ContextUse:
    """used: tokens in the context. dropped: tokens of the page that the context does not hold. kept, edge: positions on
    the page; the model sees nothing between them. exact: counted by the engine, not estimated."""

    used: int = 0
    dropped: int = 0
    edge: int = 0
    kept: int = 0
    exact: bool = True


class ContextUses:
    """The engine's counts of the versions of a page that the loaded model has read."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._known: dict[Version, ContextUse] = {}
        self._growing: Version | None = None  # the version that the model writes on
        self._rate = 1 / USUAL  # tokens per unit, for text without tokens on the page

    def forget(self) -> None:
        """Forget all counts and the rate: another model counts otherwise."""
        self._known.clear()
        self._growing, self._rate = None, 1 / USUAL

    def note(self, page: Version, use: ContextUse, *, growing: bool = False) -> None:
        """Remember the engine's count of that version. growing: the model writes on; its next count replaces this."""
        if self._growing is not None:
            self._known.pop(self._growing, None)
        self._growing = page if growing else None
        self._known.pop(page, None)
        self._known[page] = use
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]

    def drop_growing(self) -> None:
        """Forget the last count of the growing page: not all that it counts is on the page."""
        if self._growing is not None:
            self._known.pop(self._growing, None)
            self._growing = None

    def keep_growing(self) -> None:
        """Remember the last count of the growing page: the model has stopped writing."""
        self._growing = None

    def now(self, context: int, bos_tokens: int, n_keep: int, end: int | None = None) -> ContextUse:
        """The use of the page as it is now, up to end. context: tokens that it holds; bos_tokens: those of them before
        the page; n_keep: tokens at the page's beginning that stay."""
        last = self._page.length if end is None else end
        if not last:
            return ContextUse()
        if any(length == last for length, _ in self._known):  # the hash of a long page takes a while
            known = self._known.get(version_of(self._page, last))
            if known is not None:
                return known
        return self._estimate(context, bos_tokens, n_keep, last)

    def learn(self, tokens: int) -> None:
        """Estimate by the rate of the current page from now on. tokens: counted on it by the engine."""
        generated, bare = self._page.tally()
        if bare >= _ENOUGH:
            self._rate = max(0, tokens - generated) / bare

    def _estimate(self, context: int, bos_tokens: int, n_keep: int, end: int) -> ContextUse:
        tokens, bare = self._page.tally(end)
        tokens += max(1, round(bare * self._rate)) if bare else 0
        room = context - bos_tokens
        if tokens <= room or not context:
            return ContextUse(bos_tokens + tokens, exact=False)
        head = header_tokens(n_keep, room)
        left_out = dropped(tokens - head, room - head)
        return ContextUse(bos_tokens + tokens - left_out, left_out, exact=False)
