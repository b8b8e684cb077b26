"""Numbers the parts of a page: the names by which its file knows them."""

from dataclasses import dataclass, field

from desktop.page.chunk import Chunk
from desktop.page.forks import Content, Fork
from desktop.page.layer_table import Layer


@dataclass(slots=True, eq=False)
class Numbers:
    """The numbers by which a file knows the parts of a page. A chunk carries its own. next: higher than any of a
    content, fork or layer; next_chunk: higher than any of a chunk."""

    contents: dict[Content, int] = field(default_factory=dict[Content, int])
    forks: dict[Fork, int] = field(default_factory=dict[Fork, int])
    chunks: dict[int, Chunk] = field(default_factory=dict[int, Chunk])
    layers: dict[Layer, int] = field(default_factory=dict[Layer, int])
    next: int = 1
    next_chunk: int = 1

    def of_layer(self, layer: Layer) -> int:
        """The layer's number; a new one where it has none."""
        if layer not in self.layers:
            self.layers[layer] = self._new()
        return self.layers[layer]

    def of_content(self, content: Content) -> int:
        """The content's number; a new one where it has none."""
        if content not in self.contents:
            self.contents[content] = self._new()
        return self.contents[content]

    def of_fork(self, fork: Fork) -> int:
        """The fork's number; a new one where it has none."""
        if fork not in self.forks:
            self.forks[fork] = self._new()
        return self.forks[fork]

    def _new(self) -> int:
        self.next += 1
        return self.next - 1

    def new_chunk(self, chunk: Chunk) -> int:
        """A number for a chunk that is new or was changed."""
        number = self.next_chunk
        self.next_chunk += 1
        self.chunks[number] = chunk
        chunk.mark_saved(number)
        return number
