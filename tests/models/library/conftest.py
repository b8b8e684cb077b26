"""Makes small GGUF files byte by byte, valid or deliberately invalid: independent of the reader and of the gguf
package."""

import hashlib
import os
import struct
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest

from models.library.app_dirs import AppDirs, under
from tests.models.library.hub_stand_in import StandIn

U32, I32, F32, BOOL, STRING, ARRAY, U64 = 4, 5, 6, 7, 8, 9, 10


def text(value: str) -> bytes:
    data = value.encode()
    return struct.pack("<Q", len(data)) + data


def string_array(items: Sequence[str]) -> bytes:
    return struct.pack("<IQ", STRING, len(items)) + b"".join(map(text, items))


@dataclass(frozen=True)
class Recipe:
    """A GGUF to be made. values: key → (type number, encoded value). tensors: name → (shape, type, bytes)."""

    version: int = 3
    values: Mapping[str, tuple[int, bytes]] = field(default_factory=dict)
    tensors: Mapping[str, tuple[tuple[int, ...], int, int]] = field(default_factory=dict)
    value_count: int | None = None
    tensor_count: int | None = None
    shift: int = 0  # added to every tensor's offset
    cut: int = 0  # bytes missing at the end

    def but(self, **changes: Any) -> "Recipe":
        return replace(self, **changes)

    def with_value(self, key: str, kind: int, data: bytes) -> "Recipe":
        return replace(self, values={**self.values, key: (kind, data)})

    def without(self, key: str) -> "Recipe":
        return replace(self, values={name: value for name, value in self.values.items() if name != key})

    def encode(self) -> bytes:
        tensor_count = len(self.tensors) if self.tensor_count is None else self.tensor_count
        value_count = len(self.values) if self.value_count is None else self.value_count
        parts = [b"GGUF", struct.pack("<IQQ", self.version, tensor_count, value_count)]
        parts += [text(key) + struct.pack("<I", kind) + data for key, (kind, data) in self.values.items()]
        offset, weights = 0, b""
        for name, (shape, kind, size) in self.tensors.items():
            dimensions = struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
            parts.append(text(name) + dimensions + struct.pack("<IQ", kind, offset + self.shift))
            weights += bytes(size) + bytes(-size % 32)
            offset = len(weights)
        head = b"".join(parts)
        whole = head + bytes(-len(head) % 32) + weights
        return whole[: len(whole) - self.cut]


SOUND = Recipe(
    values={
        "general.architecture": (STRING, text("llama")),
        "general.name": (STRING, text("Tiny")),
        "general.file_type": (U32, struct.pack("<I", 15)),
        "llama.block_count": (U32, struct.pack("<I", 2)),
        "llama.context_length": (U32, struct.pack("<I", 512)),
        "llama.embedding_length": (U32, struct.pack("<I", 64)),
        "llama.attention.head_count": (U32, struct.pack("<I", 4)),
        "llama.attention.head_count_kv": (U32, struct.pack("<I", 2)),
        "llama.rope.freq_base": (F32, struct.pack("<f", 10_000.0)),
        "tokenizer.ggml.add_bos_token": (BOOL, b"\1"),
        "tokenizer.ggml.tokens": (ARRAY, string_array(["<s>", "", "água", "日本"])),
        "tokenizer.ggml.scores": (ARRAY, struct.pack("<IQ4f", F32, 4, 0.0, -1.0, -2.0, -3.0)),
    },
    tensors={"token_embd.weight": ((64, 4), 0, 1024), "blk.0.attn_q.weight": ((64, 64), 8, 4352)},
)


def with_architecture(recipe: Recipe, architecture: str) -> Recipe:
    """The same header of another architecture."""
    values = {key.replace("llama.", f"{architecture}."): value for key, value in recipe.values.items()}
    return recipe.but(values={**values, "general.architecture": (STRING, text(architecture))})


@pytest.fixture
def hub() -> Iterator[StandIn]:
    """A hub of its own for a test, with nothing in it."""
    hub = StandIn()
    yield hub
    hub.close()


@pytest.fixture
def sound() -> Recipe:
    """A small GGUF with nothing wrong in it."""
    return SOUND


@pytest.fixture
def gguf_file(tmp_path: Path) -> Callable[[Recipe | bytes], Path]:
    """Writes a recipe, or plain bytes, to a file."""

    def write(content: Recipe | bytes, name: str = "tiny model.gguf") -> Path:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


@pytest.fixture
def home(tmp_path: Path) -> AppDirs:
    return under(tmp_path / "home")


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    """The hub's cache, where `cached` puts files, is this one."""
    return {"HF_HUB_CACHE": str(tmp_path / "hub")}


@pytest.fixture
def cached(tmp_path: Path) -> Callable[..., Path]:
    """Puts a file into a hub cache as huggingface_hub lays it out: a blob, and a link to it in a commit's folder."""

    def put(repo: str, name: str, content: bytes, commit: str = "c0ffee", current: bool = True) -> Path:
        repository = tmp_path / "hub" / f"models--{repo.replace('/', '--')}"
        blob = repository / "blobs" / hashlib.sha256(content).hexdigest()
        entry = repository / "snapshots" / commit / name
        for path in (blob, entry, repository / "refs" / "main"):
            path.parent.mkdir(parents=True, exist_ok=True)
        blob.write_bytes(content)
        entry.symlink_to(os.path.relpath(blob, entry.parent))
        if current:
            (repository / "refs" / "main").write_text(commit, encoding="utf-8")
        return entry

    return put
