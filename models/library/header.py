"""The header of a GGUF file, checked before llama.cpp sees it: llama.cpp ends its process on many a damaged one.

`read_header` gives a frozen value or raises HeaderError with one sentence for the user. Bounds: GGUF version 2 or 3,
strings to 16 MiB, lists to 64 Mi entries, tensors to 4 dimensions that end inside the file, 1 to 512 layers. Damage in
the weights themselves is not seen here: only a checksum finds it.
"""

import re
import stat
import struct
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType

from models.library.gguf_reader import CutShort, Damaged, Reader, Source, StoredArray, Unknown, Value
from models.library.split import parts_of
from models.library.tensor_types import FILE_TYPES, TENSOR_TYPES
from resources.language import tr
from resources.reasons import told

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MAX_VALUES = 1 << 16
MAX_TENSORS = 1 << 16
MAX_DIMENSIONS = 4
MAX_LAYERS = 512
MAX_ALIGNMENT = 1 << 20
OTHER_FORMATS = (  # beginnings of files that people take for a GGUF
    (b"PK", tr("a zip or PyTorch file")),
    (b"version https://git-lfs", tr("only a Git LFS pointer to the real file")),
    (b"<", tr("a web page")),
    (b"ggml", tr("in a format older than GGUF")),
    (b"lmgg", tr("in a format older than GGUF")),
    (b"tjgg", tr("in a format older than GGUF")),
)


class HeaderError(Exception):
    """This is no model that can be opened. Its text is one sentence that the user can act on."""


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


@dataclass(frozen=True, slots=True)
class Header:
    """What a GGUF says of itself. size: bytes of the file. values, and arrays (not read: see read_array), by key."""

    path: Path
    version: int
    size: int
    values: Mapping[str, Value]
    arrays: Mapping[str, StoredArray]
    tensors: tuple[Tensor, ...]

    def text(self, key: str) -> str:
        """A text value, or an empty one."""
        value = self.values.get(key, "")
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> int:
        """A whole number, or 0."""
        value = self.values.get(key, 0)
        return value if isinstance(value, int) else 0

    def own(self, key: str) -> int:
        """A whole number under the name of the architecture, or 0."""
        return self.number(f"{self.architecture}.{key}")

    @property
    def architecture(self) -> str:
        return self.text("general.architecture")

    @property
    def name(self) -> str:
        """The model's name, or the file's where it has none."""
        return self.text("general.name") or self.path.stem

    @property
    def layers(self) -> int:
        return self.own("block_count")

    @property
    def trained_context(self) -> int:
        return self.own("context_length")

    @property
    def vocabulary(self) -> int:
        """Entries of the vocabulary, 0 where the header has none."""
        tokens = self.arrays.get("tokenizer.ggml.tokens")
        return tokens.count if tokens else 0

    @property
    def parameters(self) -> int:
        return sum(tensor.entries for tensor in self.tensors)

    @property
    def weights(self) -> int:
        """Bytes of all tensors."""
        return sum(tensor.size for tensor in self.tensors)

    @property
    def quantisation(self) -> str:
        """What the mixture of tensor types is called, or an empty text."""
        return FILE_TYPES.get(self.number("general.file_type"), "") if "general.file_type" in self.values else ""

    @property
    def parts(self) -> int:
        """How many files the model is split into (1 = this file is all of it)."""
        return max(1, self.number("split.count"))


def shown(path: Path) -> str:
    """The file's name as it can be printed anywhere."""
    return path.name.encode("utf-8", errors="replace").decode("utf-8") or str(path)


def read_header(path: str | Path) -> Header:
    """Read and check the header, in about 0.1 s for a vocabulary of 262,144. Raises HeaderError with one sentence."""
    path = Path(path)
    with _telling(path):
        return _open_and_read(path)


def read_whole(path: str | Path) -> Header:
    """As read_header; of a model in several files the tensors and the size of all of them (offsets are each in its own
    file). Raises HeaderError with one sentence, also where one of the files is missing.
    """
    header = read_header(path)
    if header.parts == 1:
        return header
    first, *rest = parts_of(header.path) or (header.path,)
    if len(rest) + 1 != header.parts or first != header.path:
        raise HeaderError(
            tr(
                "{name} is one of {parts} files of a model: open the first one, with all others beside it "
                "under their own names."
            ).format(name=shown(header.path), parts=header.parts)
        )
    parts = [_read_part(part) for part in rest]
    tensors = header.tensors + tuple(tensor for part in parts for tensor in part.tensors)
    return replace(header, tensors=tensors, size=header.size + sum(part.size for part in parts))


def _read_part(path: Path) -> Header:
    """The header of a later file of several, which says little but its tensors."""
    with _telling(path), path.open("rb") as file:
        _check_magic(path, file.read(32))
        return _read(path, Reader(file, path.stat().st_size), later=True)


def read_header_from(source: Source, size: int, path: Path) -> Header:
    """Read and check the header of a file of `size` bytes from wherever it is. Raises HeaderError with one sentence.

    path: where its arrays will be read from later (read_array); it is not opened here, and its name is what is told.
    """
    with _telling(path):
        _check_magic(path, source.read(min(32, size)))
        return _read(path, Reader(source, size))


@contextmanager
def _telling(path: Path) -> Generator[None]:
    try:
        yield
    except FileNotFoundError as error:
        raise HeaderError(tr("There is no file {name}.").format(name=shown(path))) from error
    except PermissionError as error:
        raise HeaderError(tr("{name} may not be read by this user.").format(name=shown(path))) from error
    except CutShort as error:
        raise HeaderError(
            tr("{name} is cut short ({error}); download or copy it again.").format(name=shown(path), error=error)
        ) from error
    except Unknown as error:
        raise HeaderError(tr("{name} cannot be used: {error}.").format(name=shown(path), error=error)) from error
    except Damaged as error:
        raise HeaderError(
            tr("{name} is damaged ({error}); download or copy it again.").format(name=shown(path), error=error)
        ) from error
    except (OSError, ValueError) as error:  # ValueError: a path with a NUL in it
        reason = told(error)
        raise HeaderError(tr("{name} cannot be read: {reason}.").format(name=shown(path), reason=reason)) from error


def read_array(header: Header, key: str) -> list[Value | bytes]:
    """All items of an array of the header, strings as bytes. Raises HeaderError where the file has changed since."""
    try:
        with header.path.open("rb") as file:
            return list(Reader(file, header.size).items(header.arrays[key]))
    except (OSError, Damaged) as error:
        raise HeaderError(
            tr("{name} has changed since it was opened; open it again.").format(name=shown(header.path))
        ) from error


def _open_and_read(path: Path) -> Header:
    found = path.stat()
    if stat.S_ISDIR(found.st_mode):
        raise HeaderError(tr("{name} is a folder, not a model file.").format(name=shown(path)))
    if not stat.S_ISREG(found.st_mode):
        raise HeaderError(tr("{name} is not an ordinary file.").format(name=shown(path)))
    if not found.st_size:
        raise HeaderError(tr("{name} is empty (zero bytes); download or copy it again.").format(name=shown(path)))
    with path.open("rb") as file:
        return read_header_from(file, found.st_size, path)


def _check_magic(path: Path, start: bytes) -> None:
    if start.startswith(MAGIC):
        return
    for beginning, words in OTHER_FORMATS:
        if start.startswith(beginning):
            raise HeaderError(tr("{name} is not a GGUF model file: it is {form}.").format(name=shown(path), form=words))
    raise HeaderError(tr("{name} is not a GGUF model file.").format(name=shown(path)))


def _read(path: Path, reader: Reader, later: bool = False) -> Header:
    """later: of several files not the first, which need not say what the model is."""
    reader.move(len(MAGIC))
    version = _version(reader.unsigned(4))
    tensor_count, value_count = reader.unsigned(), reader.unsigned()
    if value_count > MAX_VALUES or tensor_count > MAX_TENSORS:
        raise Damaged(
            tr("its header claims to have {values:,} values and {tensors:,} tensors").format(
                values=value_count, tensors=tensor_count
            )
        )
    values, arrays = _values(reader, value_count)
    if not later:
        _check_values(path, values)
    if not tensor_count and values.get("split.count", 1) == 1:
        raise Damaged(tr("it holds no weights"))
    tensors = _tensors(reader, tensor_count, _alignment(values)) if tensor_count else ()
    return Header(path, version, reader.size, MappingProxyType(values), MappingProxyType(arrays), tensors)


def _version(version: int) -> int:
    if version in VERSIONS:
        return version
    if struct.unpack(">I", struct.pack("<I", version))[0] in VERSIONS:
        raise Unknown(tr("it was made for big-endian machines"))
    raise Unknown(tr("its GGUF version is {version:,}, and 2 or 3 can be read").format(version=version))


def _values(reader: Reader, count: int) -> tuple[dict[str, Value], dict[str, StoredArray]]:
    values: dict[str, Value] = {}
    arrays: dict[str, StoredArray] = {}
    for _ in range(count):
        key, value = reader.string(), reader.value()
        if key in values or key in arrays:
            raise Damaged(tr("its header says {key!r} twice").format(key=key[:64]))
        if isinstance(value, StoredArray):
            arrays[key] = value
        else:
            values[key] = value
    return values, arrays


def _check_values(path: Path, values: Mapping[str, Value]) -> None:
    """The few numbers on which llama.cpp divides, allocates or asserts."""
    architecture = values.get("general.architecture")
    if not isinstance(architecture, str) or not re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,63}", architecture):
        raise Damaged(tr("its header does not name an architecture"))
    if architecture in {"clip", "imatrix"} or values.get("general.type", "model") not in {"model", ""}:
        raise HeaderError(tr("{name} is not a language model by itself: it goes beside one.").format(name=shown(path)))
    _check_number(values, f"{architecture}.block_count", MAX_LAYERS, needed=True)
    _check_number(values, f"{architecture}.context_length", 1 << 31, needed=False)
    _check_number(values, f"{architecture}.embedding_length", 1 << 20, needed=False)
    _check_number(values, f"{architecture}.attention.head_count", 1 << 14, needed=False)


def _check_number(values: Mapping[str, Value], key: str, most: int, needed: bool) -> None:
    value = values.get(key)
    if value is None and not needed:
        return
    if not isinstance(value, int) or not 1 <= value <= most:
        raise Damaged(tr("its header has no sensible {key}").format(key=key))


def _alignment(values: Mapping[str, Value]) -> int:
    alignment = values.get("general.alignment", 32)
    if not isinstance(alignment, int) or not 0 < alignment <= MAX_ALIGNMENT or alignment & (alignment - 1):
        raise Damaged(tr("its tensors have no sensible alignment"))
    return alignment


def _tensors(reader: Reader, count: int, alignment: int) -> tuple[Tensor, ...]:
    """The list of tensors; each one must begin where the last one ended, and the last one inside the file."""
    listed = [_tensor(reader) for _ in range(count)]
    if len({tensor.name for tensor in listed}) != count:
        raise Damaged(tr("two of its tensors have one name"))
    start, due, placed = _aligned(reader.position, alignment), 0, list[Tensor]()
    for tensor in listed:
        if tensor.offset != due:
            raise Damaged(tr("its tensor {name!r} is not where it must be").format(name=tensor.name[:64]))
        due = _aligned(due + tensor.size, alignment)
        placed.append(Tensor(tensor.name, tensor.shape, tensor.type, start + tensor.offset, tensor.size))
    if placed[-1].offset + placed[-1].size > reader.size:
        missing = placed[-1].offset + placed[-1].size - reader.size
        raise CutShort(tr("{missing:,} bytes of its weights are missing").format(missing=missing))
    return tuple(placed)


def _aligned(position: int, alignment: int) -> int:
    return (position + alignment - 1) // alignment * alignment


def _tensor(reader: Reader) -> Tensor:
    """One entry of the list; its offset still counts from where the weights begin."""
    name, dimensions = reader.string(), reader.unsigned(4)
    if not name or len(name) > 256 or not 1 <= dimensions <= MAX_DIMENSIONS:
        raise Damaged(tr("a tensor in its list has no sensible name or shape"))
    shape = tuple(reader.unsigned() for _ in range(dimensions))
    kind, offset = reader.unsigned(4), reader.unsigned()
    if kind not in TENSOR_TYPES:
        raise Unknown(
            tr("its tensor {name!r} has type {kind}, which this version does not know").format(
                name=name[:64], kind=kind
            )
        )
    return Tensor(name, shape, kind, offset, _tensor_size(name, shape, kind))


def _tensor_size(name: str, shape: tuple[int, ...], kind: int) -> int:
    """Bytes. Python's whole numbers do not overflow; what llama.cpp's 64 bits would not hold is refused."""
    _, block, block_bytes = TENSOR_TYPES[kind]
    entries = 1
    for dimension in shape:
        entries *= dimension
    if not 0 < entries < 1 << 62 or shape[0] % block:
        raise Damaged(tr("its tensor {name!r} has no sensible shape").format(name=name[:64]))
    return entries // block * block_bytes
