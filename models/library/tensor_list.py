"""Reads and checks the list of tensors in a GGUF header: the offset and the size of each."""

from collections.abc import Mapping
from dataclasses import dataclass

from models.library.gguf_reader import CutShort, Damaged, Reader, Unknown, Value
from models.library.tensor_types import TENSOR_TYPES
from resources.language import printable, tr

MAX_DIMENSIONS = 4
MAX_ALIGNMENT = 1 << 20


@dataclass(frozen=True, slots=True)
class Tensor:
    """One tensor: its shape as stored (fastest dimension first), ggml type, offset in the file and size (bytes)."""

    name: str
    shape: tuple[int, ...]
    type: int
    offset: int
    size: int

    @property
    def entries(self) -> int:
        count = 1
        for dimension in self.shape:
            count *= dimension
        return count


def names(reader: Reader, count: int) -> list[str]:
    """The names in the list of tensors, as far as it can be read. Leaves the reader's position unchanged."""
    position, found = reader.position, list[str]()
    try:
        for _ in range(count):
            found.append(reader.string())
            reader.move(reader.position + 8 * reader.unsigned(4) + 12)
    except Damaged:
        pass
    reader.move(position)
    return found


def makes_sense(reader: Reader, count: int, values: Mapping[str, Value]) -> bool:
    """Whether the list is valid and not empty. Leaves the reader's position unchanged."""
    position = reader.position
    try:
        return bool(count and tensors(reader, count, values))
    except Damaged:
        return False
    finally:
        reader.move(position)


def _alignment(values: Mapping[str, Value]) -> int:
    alignment = values.get("general.alignment", 32)
    if not isinstance(alignment, int) or not 0 < alignment <= MAX_ALIGNMENT or alignment & (alignment - 1):
        raise Damaged(tr("its tensors have no sensible alignment"))
    return alignment


def tensors(reader: Reader, count: int, values: Mapping[str, Value]) -> tuple[Tensor, ...]:
    """The list of tensors. Each must begin where the one before ends, aligned. Raises Damaged, or CutShort if the file
    ends before the last tensor does.
    """
    alignment = _alignment(values)
    listed = [_tensor(reader) for _ in range(count)]
    if len({tensor.name for tensor in listed}) != count:
        raise Damaged(tr("two of its tensors have one name"))
    start, due, placed = _aligned(reader.position, alignment), 0, list[Tensor]()
    for tensor in listed:
        if tensor.offset != due:
            raise Damaged(tr("its tensor “{name}” is not where it must be").format(name=printable(tensor.name[:64])))
        due = _aligned(due + tensor.size, alignment)
        placed.append(Tensor(tensor.name, tensor.shape, tensor.type, start + tensor.offset, tensor.size))
    if placed[-1].offset + placed[-1].size > reader.size:
        missing = placed[-1].offset + placed[-1].size - reader.size
        raise CutShort(tr("{missing:,} bytes of its weights are missing").format(missing=missing))
    return tuple(placed)


def _aligned(position: int, alignment: int) -> int:
    return (position + alignment - 1) // alignment * alignment


def _tensor(reader: Reader) -> Tensor:
    """One entry of the list; its offset counts from the first tensor. Raises Damaged, Unknown."""
    name, dimensions = reader.string(), reader.unsigned(4)
    if not name or len(name) > 256 or not 1 <= dimensions <= MAX_DIMENSIONS:
        raise Damaged(tr("a tensor in its list has no sensible name or shape"))
    shape = tuple(reader.unsigned() for _ in range(dimensions))
    kind, offset = reader.unsigned(4), reader.unsigned()
    if kind not in TENSOR_TYPES:
        raise Unknown(
            tr("its tensor “{name}” has type {kind}, which this version does not know").format(
                name=printable(name[:64]), kind=kind
            )
        )
    return Tensor(name, shape, kind, offset, _tensor_size(name, shape, kind))


def _tensor_size(name: str, shape: tuple[int, ...], kind: int) -> int:
    """Bytes of a tensor. Raises Damaged for a shape that llama.cpp's 64 bits cannot hold."""
    _, block, block_bytes = TENSOR_TYPES[kind]
    entries = 1
    for dimension in shape:
        entries *= dimension
    if not 0 < entries < 1 << 62 or shape[0] % block:
        raise Damaged(tr("its tensor “{name}” has no sensible shape").format(name=printable(name[:64])))
    return entries // block * block_bytes
