"""Everything in a model's header as one value, for `inkfall inspect` and the window's model information.

The file is read, never run; a chat template is only text.
"""

from collections import defaultdict
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from models.library import catalogue
from models.library.gguf_reader import Damaged, Reader
from models.library.header import Header, HeaderError, Tensor, shown
from models.library.kind import TEMPLATE, KindFinding, ModelKind, kind
from models.library.memory import Need, needed
from models.library.model_files import read_whole
from models.library.tensor_types import TENSOR_TYPES
from resources.language import tr

ADDS_BOS = {"llama": True, "bert": True, "t5": False, "rwkv": False}  # llama.cpp's rule where the header has none
FIRST_TOKENS = {"llama": 1, "bert": 101, "plamo2": 1}  # and its token


@dataclass(frozen=True, slots=True)
class Beginning:
    """The beginning-of-text token. adds: whether it is put before every text; None if the header does not say. token:
    its id, -1 for none; text: its spelling in the vocabulary.
    """

    adds: bool | None
    token: int
    text: str


@dataclass(frozen=True, slots=True)
class Share:
    """The tensors of one type. entries: numbers in them. size: bytes. bits: per number, with the blocks' scales. share:
    of all bytes, 0 to 1.
    """

    type: str
    tensors: int
    entries: int
    size: int
    bits: float
    share: float


@dataclass(frozen=True, slots=True)
class ModelInfo:
    """A model. size: bytes of its files; weights: of its tensors. bits: of one parameter, on average. experts,
    experts_used: of a layer, 0 without experts. licence: an id. template: the chat template. obstacle: why it cannot
    continue a text, "" if it can. 0 or "": not in the header.
    """

    path: Path
    name: str
    architecture: str
    parameters: int
    layers: int
    width: int
    experts: int
    experts_used: int
    trained_context: int
    vocabulary: int
    tokenizer: str
    beginning: Beginning
    quantisation: str
    mix: tuple[Share, ...]
    bits: float
    size: int
    weights: int
    tensors: int
    files: int
    licence: str
    licence_name: str
    licence_link: str
    template: str
    kind: KindFinding
    need: Need
    gguf_version: int
    obstacle: str = ""


def model_info(path: str | Path, repo: str = "", overruled: ModelKind | None = None) -> ModelInfo:
    """Read a model's files. repo: its repository. overruled: the kind that the user marked. Raises HeaderError."""
    return header_info(read_whole(path), repo, overruled)


def header_info(header: Header, repo: str = "", overruled: ModelKind | None = None) -> ModelInfo:
    """The information in a header. Raises HeaderError if its file has changed since."""
    licence = header.text("general.license")
    return ModelInfo(
        path=header.path,
        name=header.name,
        architecture=header.architecture,
        parameters=header.parameters,
        layers=header.layers,
        width=header.own("embedding_length"),
        experts=header.own("expert_count"),
        experts_used=header.own("expert_used_count"),
        trained_context=header.trained_context,
        vocabulary=header.vocabulary,
        tokenizer=header.text("tokenizer.ggml.model"),
        beginning=beginning(header),
        quantisation=header.quantisation,
        mix=mix(header.tensors),
        bits=header.weights * 8 / header.parameters if header.parameters else 0.0,
        size=header.size,
        weights=header.weights,
        tensors=len(header.tensors),
        files=header.parts,
        licence=licence,
        licence_name=header.text("general.license.name") or catalogue.licence_name(licence),
        licence_link=header.text("general.license.link"),
        template=header.text(TEMPLATE),
        kind=kind(header, repo, overruled),
        need=needed(header),
        gguf_version=header.version,
        obstacle=header.obstacle,
    )


def mix(tensors: tuple[Tensor, ...]) -> tuple[Share, ...]:
    """The tensors by type, the type with the most bytes first."""
    of_type: dict[int, list[Tensor]] = defaultdict(list)
    for tensor in tensors:
        of_type[tensor.type].append(tensor)
    total = sum(tensor.size for tensor in tensors)
    shares = [_share(number, found, total) for number, found in of_type.items()]
    return tuple(sorted(shares, key=lambda share: (-share.size, share.type)))


def _share(number: int, tensors: list[Tensor], total: int) -> Share:
    name, block, block_bytes = TENSOR_TYPES[number]
    size = sum(tensor.size for tensor in tensors)
    entries = sum(tensor.entries for tensor in tensors)
    return Share(name, len(tensors), entries, size, block_bytes * 8 / block, size / total)


def beginning(header: Header) -> Beginning:
    """The rule for the beginning of a text. Raises HeaderError if the file has changed since."""
    adds = header.values.get("tokenizer.ggml.add_bos_token", ADDS_BOS.get(header.text("tokenizer.ggml.model")))
    token = first_token(header)
    if token < 0:
        return Beginning(False, token, "")
    return Beginning(adds if isinstance(adds, bool) else None, token, _spelling(header, token))


def first_token(header: Header) -> int:
    """The token that begins a text: the header's, else the default of its kind of vocabulary; -1 for none. llama.cpp's
    default for byte-level vocabularies (11) is right only for Falcon, so it is not used.
    """
    usual = FIRST_TOKENS.get(header.text("tokenizer.ggml.model"), -1)
    token = header.values.get("tokenizer.ggml.bos_token_id", usual)
    return token if isinstance(token, int) and 0 <= token < header.vocabulary else -1


def names_last_token(header: Header) -> bool:
    """Whether the header names the token that ends a text."""
    token = header.values.get("tokenizer.ggml.eos_token_id", -1)
    return isinstance(token, int) and 0 <= token < header.vocabulary


def _spelling(header: Header, token: int) -> str:
    """The spelling of a token in the vocabulary. Raises HeaderError if the file has changed since."""
    try:
        with header.path.open("rb") as file:
            items = Reader(file, header.size).items(header.arrays["tokenizer.ggml.tokens"])
            found = next(islice(items, token, None), b"")
    except (OSError, Damaged) as error:
        raise HeaderError(
            tr("{name} has changed since it was opened; open it again.").format(name=shown(header.path))
        ) from error
    return found.decode("utf-8", errors="replace") if isinstance(found, bytes) else ""
