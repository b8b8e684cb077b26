"""Reads and checks the header of a GGUF file before llama.cpp gets it: llama.cpp aborts on many damaged ones.

`read_header` returns a frozen value or raises HeaderError with one sentence for the user (UnusableError if the file is
sound but no model that can be opened; model_files.py reads models in several files). Bounds: GGUF version 2 or 3,
strings to 16 MiB, lists to 64 Mi entries, tensors to 4 dimensions that end inside the file, 1 to 512 layers. Damaged
weights are not detected here: only a checksum finds them.
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
from resources.language import printable, tr
from resources.reasons import message_of

MAGIC = b"GGUF"
VERSIONS = (2, 3)
MAX_VALUES = 1 << 16
MAX_TENSORS = 1 << 16
MAX_LAYERS = 512
OTHER_FORMATS = (  # first bytes of files that are often taken for a GGUF
    (b"PK", tr("a zip or PyTorch file")),
    (b"version https://git-lfs", tr("only a Git LFS pointer to the real file")),
    (b"<", tr("a web page")),
    (b"ggml", tr("in a format older than GGUF")),
    (b"lmgg", tr("in a format older than GGUF")),
    (b"tjgg", tr("in a format older than GGUF")),
)


class HeaderError(Exception):
    """The file is no model that can be opened. The message is one sentence that the user can act on. why: what is
    damaged, as a clause; "" if nothing is.
    """

    def __init__(self, sentence: str, why: str = "") -> None:
        super().__init__(sentence)
        self.why = why


class UnusableError(HeaderError):
    """The file is sound, but no model that this program can open, at least not by itself."""


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a GGUF. size: bytes of the file. values, arrays: by key; arrays are not read (see read_array). end:
    byte offset after the last tensor.
    """

    path: Path
    version: int
    size: int
    values: Mapping[str, Value]
    arrays: Mapping[str, StoredArray]
    tensors: tuple[Tensor, ...]
    end: int = 0

    def text(self, key: str) -> str:
        """A string value, or ""."""
        value = self.values.get(key, "")
        return value if isinstance(value, str) else ""

    def number(self, key: str) -> int:
        """An integer value, or 0."""
        value = self.values.get(key, 0)
        return value if isinstance(value, int) else 0

    def own(self, key: str) -> int:
        """An integer value under the architecture's name, or 0."""
        return self.number(f"{self.architecture}.{key}")

    @property
    def architecture(self) -> str:
        return self.text("general.architecture")

    @property
    def name(self) -> str:
        """The model's name, or the file's if it has none."""
        return self.text("general.name") or self.path.stem

    @property
    def layers(self) -> int:
        return self.own("block_count")

    @property
    def trained_context(self) -> int:
        return self.own("context_length")

    @property
    def vocabulary(self) -> int:
        """Tokens in the vocabulary, 0 if the header has none."""
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
        """The name of the mixture of tensor types, or ""."""
        return FILE_TYPES.get(self.number("general.file_type"), "") if "general.file_type" in self.values else ""

    @property
    def obstacle(self) -> str:
        """One sentence: why the model cannot continue a text; "" if the header gives no reason."""
        return other_kinds.obstacle(self.architecture, self.values).format(name=shown(self.path))

    @property
    def parts(self) -> int:
        """How many files the model is split into (1 = this file is all of it)."""
        return max(1, self.number("split.count"))


def shown(path: Path) -> str:
    """The file's name, printable: without lone surrogates."""
    return path.name.encode("utf-8", errors="replace").decode("utf-8") or str(path)


def read_header(path: str | Path) -> Header:
    """Read and check the header, in about 0.1 s for a vocabulary of 262,144. Raises HeaderError with one sentence."""
    path = Path(path)
    with as_header_error(path):
        return _open_and_read(path)


def read_header_from(source: ByteSource, size: int, path: Path) -> Header:
    """Read and check the header of a file of `size` bytes from a source. Raises HeaderError with one sentence.

    path: the file from which read_array reads arrays later; it is not opened here, and its name is in the sentences.
    """
    with as_header_error(path):
        _check_magic(path, source.read(min(32, size)))
        return _read(path, Reader(source, size))


def read_part(path: Path) -> Header:
    """The header of a later shard, which need not describe the model. Raises HeaderError."""
    with as_header_error(path), path.open("rb") as file:
        _check_magic(path, file.read(32))
        return _read(path, Reader(file, path.stat().st_size), later=True)


@contextmanager
def as_header_error(path: Path) -> Generator[None]:
    """Raise every error of the block as HeaderError, with one sentence."""
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
        reason = message_of(error)
        raise HeaderError(tr("{name} cannot be read: {reason}.").format(name=shown(path), reason=reason)) from error


def read_array(header: Header, key: str) -> list[Value | bytes]:
    """All items of an array of the header, strings as bytes. Raises HeaderError if the file has changed since."""
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
    """Read the header after the magic. later: a shard after the first, which need not describe the model."""
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
    """Raises UnusableError if the file is no language model, or not its first shard; Damaged if numbers are out of
    bounds.
    """
    _check_first(path, values)
    sentence = other_kinds.other_kind(values, arrays, tensor_count)
    if not sentence and not other_kinds.has_vocabulary((*values, *arrays)):
        sentence = other_kinds.other_kind_by_tensors(tensor_list.names(reader, tensor_count))
        if not sentence and tensor_list.makes_sense(reader, tensor_count, values):
            sentence = other_kinds.without_vocabulary(values, arrays)
    if sentence:
        architecture = str(values.get("general.architecture", ""))[:64]
        raise UnusableError(sentence.format(name=shown(path), architecture=architecture))
    _check_values(values)


def _check_first(path: Path, values: Mapping[str, Value]) -> None:
    """Raises UnusableError for a later shard: its number says so, or it does not name an architecture."""
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
            raise Damaged(tr("its header says “{key}” twice").format(key=printable(key[:64])))
        if isinstance(value, StoredArray):
            arrays[key] = value
        else:
            values[key] = value
    return values, arrays


def _check_values(values: Mapping[str, Value]) -> None:
    """Check the numbers by which llama.cpp divides, allocates or asserts. Raises Damaged."""
    architecture = values.get("general.architecture")
    if not isinstance(architecture, str) or not re.fullmatch(r"[a-z0-9][a-z0-9_.-]{0,63}", architecture):
        raise Damaged(tr("its header does not name an architecture"))
    _check_number(values, f"{architecture}.block_count", MAX_LAYERS, needed=True)
    _check_number(values, f"{architecture}.context_length", 1 << 31, needed=False)
    _check_number(values, f"{architecture}.embedding_length", 1 << 20, needed=False)
    least = 0 if is_recurrent(architecture, values) else 1  # converters write 0 where there are no heads
    _check_number(values, f"{architecture}.attention.head_count", 1 << 14, needed=False, least=least)


def is_recurrent(architecture: str, values: Mapping[str, Value]) -> bool:
    """Whether the header describes recurrent layers, which have a state and no cache: Mamba's (ssm.*) or RWKV's."""
    return any(key.startswith((f"{architecture}.ssm.", f"{architecture}.wkv.")) for key in values)


def _check_number(values: Mapping[str, Value], key: str, most: int, needed: bool, least: int = 1) -> None:
    value = values.get(key)
    if value is None and not needed:
        return
    if not isinstance(value, int) or not least <= value <= most:
        raise Damaged(tr("its header has no sensible {key}").format(key=key))
