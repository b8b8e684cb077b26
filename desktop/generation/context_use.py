"""How much of the context the page fills: as the engine counted it where it has read this very page, else an estimate.

No Qt.
"""

from dataclasses import dataclass

from desktop.page.excerpt import USUAL
from desktop.page.page import Page
from models.worker.tokens import dropped, header_tokens

Version = tuple[int, int]  # of a page: its length in units and its hash
_MOST = 256  # readings that are remembered; older ones are forgotten
_ENOUGH = 16  # units of text without tokens from which on their number of tokens tells that of other text


@dataclass(frozen=True, slots=True)
class ContextUse:
    """used: tokens in the context. dropped: tokens of the page that the context does not hold. The model sees nothing
    of the page between `kept` and `edge`. exact: the engine has counted them."""

    used: int = 0
    dropped: int = 0
    edge: int = 0
    kept: int = 0
    exact: bool = True


class ContextUses:
    """What the loaded model has read: one version of a page after another."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._known: dict[Version, ContextUse] = {}
        self._growing: Version | None = None  # the one that the model is writing on
        self._rate = 1 / USUAL  # tokens in a unit of the text that has none on the page

    def forget(self) -> None:
        """Another model is loaded, which counts otherwise."""
        self._known.clear()
        self._growing, self._rate = None, 1 / USUAL

    def version(self, end: int | None = None) -> Version:
        """Of the page as it is now, or of the page up to end."""
        length = self._page.length if end is None else end
        return length, self._page.prefix_hash(length)

    def note(self, page: Version, use: ContextUse, *, growing: bool = False) -> None:
        """Remember what the engine counted of that version. growing: the model is writing there, and this takes the
        place of what was noted before the last tokens."""
        if self._growing is not None:
            self._known.pop(self._growing, None)
        self._growing = page if growing else None
        self._known.pop(page, None)
        self._known[page] = use
        if len(self._known) > _MOST:
            del self._known[next(iter(self._known))]

    def drop_growing(self) -> None:
        """What was written last is not all on the page: its count is not the page's."""
        if self._growing is not None:
            self._known.pop(self._growing, None)
            self._growing = None

    def keep_growing(self) -> None:
        """The model does not write there any more."""
        self._growing = None

    def now(self, context: int, front: int, keep: int) -> ContextUse:
        """Of the page as it is now. context: tokens that the model's holds; front: of them, those that stand before
        the page; keep: tokens at the page's beginning that stay."""
        if not self._page.length:
            return ContextUse()
        if any(length == self._page.length for length, _ in self._known):  # the hash of a long page takes a while
            known = self._known.get(self.version())
            if known is not None:
                return known
        return self._estimate(context, front, keep)

    def learn(self, tokens: int) -> None:
        """The page has so many tokens as it is now: text like this may have as many for its length."""
        of_a_model, bare = self._page.tally()
        if bare >= _ENOUGH:
            self._rate = max(0, tokens - of_a_model) / bare

    def _estimate(self, context: int, front: int, keep: int) -> ContextUse:
        tokens, bare = self._page.tally()
        tokens += max(1, round(bare * self._rate)) if bare else 0
        room = context - front
        if tokens <= room or not context:
            return ContextUse(front + tokens, exact=False)
        head = header_tokens(keep, room)
        left_out = dropped(tokens - head, room - head)
        return ContextUse(front + tokens - left_out, left_out, exact=False)
