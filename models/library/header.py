"""The header of a GGUF file, checked before llama.cpp sees it: llama.cpp ends its process on many a damaged one.

`read_header` gives a frozen value or raises HeaderError with one sentence for the user (UnusableError where the file is
in order, but no model that can be opened; model_files.py has models in several files). Bounds: GGUF version 2 or 3,
strings to 16 MiB, lists to 64 Mi entries, tensors to 4 dimensions that end inside the file, 1 to 512 layers. Damage in
the weights themselves is not seen here: only a checksum finds it.
"""

import re
import stat
import struct
from collections.abc import Generator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from models.library import other_kinds, tensor_list
from models.library.gguf_reader import ByteSource, CutShort, Damaged, Reader, StoredArray, Unknown, Value
from models.library.tensor_list import Tensor as Tensor
from models.library.tensor_types import FILE_TYPES
from resources.language import tr
from resources.reasons import told

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MAX_VALUES = 1 << 16
MAX_TENSORS = 1 << 16
MAX_LAYERS = 512
OTHER_FORMATS = (  # beginnings of files that people take for a GGUF
    (b"PK", tr("a zip or PyTorch file")),
    (b"version https://git-lfs", tr("only a Git LFS pointer to the real file")),
    (b"<", tr("a web page")),
    (b"ggml", tr("in a format older than GGUF")),
    (b"lmgg", tr("in a format older than GGUF")),
    (b"tjgg", tr("in a format older than GGUF")),
)


class HeaderError(Exception):
    """This is no model that can be opened. Its text is one sentence that the user can act on. why: what is damaged, as
    a clause; empty where it is not damage.
    """

    def __init__(self, sentence: str, why: str = "") -> None:
        super().__init__(sentence)
        self.why = why


class UnusableError(HeaderError):
    """The file is in order, but it is no model that this program can open, at least not by itself."""


@dataclass(frozen=True, slots=True)
class Header:
    """What a GGUF says of itself. size: bytes of the file. values, and arrays (not read: see read_array), by key. end:
    offset behind all that it tells of.
    """

    path: Path
    version: int
    size: int
    values: Mapping[str, Value]
    arrays: Mapping[str, StoredArray]
    tensors: tuple[Tensor, ...]
    end: int = 0

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
    def obstacle(self) -> str:
        """Why it cannot continue a text, in one sentence; empty where it can, as far as its header tells."""
        return other_kinds.obstacle(self.architecture, self.values).format(name=shown(self.path))

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
    with telling(path):
        return _open_and_read(path)


def read_header_from(source: ByteSource, size: int, path: Path) -> Header:
    """Read and check the header of a file of `size` bytes from wherever it is. Raises HeaderError with one sentence.

    path: where its arrays will be read from later (read_array); it is not opened here, and its name is what is told.
    """
    with telling(path):
        _check_magic(path, source.read(min(32, size)))
        return _read(path, Reader(source, size))


def read_part(path: Path) -> Header:
    """The header of a later file of several, which need not say what the model is. Raises HeaderError."""
    with telling(path), path.open("rb") as file:
        _check_magic(path, file.read(32))
        return _read(path, Reader(file, path.stat().st_size), later=True)


@contextmanager
def telling(path: Path) -> Generator[None]:
    """Within, whatever is wrong with the file is raised as HeaderError, one sentence."""
    try:
        yield
    except FileNotFoundError as error:
        raise HeaderError(tr("There is no file {name}.").format(name=shown(path))) from error
    except PermissionError as error:
        raise HeaderError(tr("{name} may not be read by this user.").format(name=shown(path))) from error
    except CutShort as error:
        raise HeaderError(
            tr("{name} is cut short ({error}); download or copy it again.").format(name=shown(path), error=error),
            why=str(error),
        ) from error
    except Unknown as error:
        raise UnusableError(tr("{name} cannot be used: {error}.").format(name=shown(path), error=error)) from error
    except Damaged as error:
        raise HeaderError(
            tr("{name} is damaged ({error}); download or copy it again.").format(name=shown(path), error=error),
            why=str(error),
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
        _check_kind(path, values, arrays, reader, tensor_count)
    if not tensor_count and values.get("split.count", 1) == 1:
        raise Damaged(tr("it holds no weights"))
    tensors = tensor_list.tensors(reader, tensor_count, values) if tensor_count else ()
    end = tensors[-1].offset + tensors[-1].size if tensors else reader.position
    return Header(path, version, reader.size, MappingProxyType(values), MappingProxyType(arrays), tensors, end)


def _check_kind(
    path: Path, values: Mapping[str, Value], arrays: Mapping[str, StoredArray], reader: Reader, tensor_count: int
) -> None:
    """Raises UnusableError where it is another thing than a language model, or not the first of its files; Damaged
    where the numbers make no sense.
    """
    _check_first(path, values)
    said = other_kinds.other_kind(values, arrays, tensor_count)
    if not said and not other_kinds.has_vocabulary((*values, *arrays)):
        said = other_kinds.other_kind_by_tensors(tensor_list.names(reader, tensor_count))
        if not said and tensor_list.makes_sense(reader, tensor_count, values):
            said = other_kinds.without_vocabulary(values, arrays)
    if said:
        architecture = str(values.get("general.architecture", ""))[:64]
        raise UnusableError(said.format(name=shown(path), architecture=architecture))
    _check_values(values)


def _check_first(path: Path, values: Mapping[str, Value]) -> None:
    """Raises UnusableError for a later file of several: it says so, or says nothing of what it is."""
    number, count = values.get("split.no", 0), values.get("split.count", 1)
    if not isinstance(count, int) or count < 2 or (not number and "general.architecture" in values):
        return
    raise UnusableError(
        tr(
            "{name} is one of {parts} files of a model: open the first one, with all others beside it "
            "under their own names."
        ).format(name=shown(path), parts=count)
    )


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


def _check_values(values: Mapping[str, Value]) -> None:
    """The few numbers on which llama.cpp divides, allocates or asserts."""
    architecture = values.get("general.architecture")
    if not isinstance(architecture, str) or not re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,63}", architecture):
        raise Damaged(tr("its header does not name an architecture"))
    _check_number(values, f"{architecture}.block_count", MAX_LAYERS, needed=True)
    _check_number(values, f"{architecture}.context_length", 1 << 31, needed=False)
    _check_number(values, f"{architecture}.embedding_length", 1 << 20, needed=False)
    least = 0 if is_recurrent(architecture, values) else 1  # converters write 0 where there are no heads
    _check_number(values, f"{architecture}.attention.head_count", 1 << 14, needed=False, least=least)


def is_recurrent(architecture: str, values: Mapping[str, Value]) -> bool:
    """Whether the header has the numbers of layers that keep a state instead of a cache: Mamba's (ssm.*), RWKV's."""
    return any(key.startswith((f"{architecture}.ssm.", f"{architecture}.wkv.")) for key in values)


def _check_number(values: Mapping[str, Value], key: str, most: int, needed: bool, least: int = 1) -> None:
    value = values.get(key)
    if value is None and not needed:
        return
    if not isinstance(value, int) or not least <= value <= most:
        raise Damaged(tr("its header has no sensible {key}").format(key=key))
