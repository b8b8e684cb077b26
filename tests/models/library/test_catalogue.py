"""The shipped catalogue is valid, invalid ones raise; look-ups by id and by name."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.library import catalogue
from models.library.catalogue import LEVELS, CatalogueError, Entry
from models.library.tensor_types import FILE_TYPES

GOOD = {
    "name": '"M"',
    "maker": '"X"',
    "family": '"F"',
    "level": '"first"',
    "parameters": "10",
    "base_model": '"x/m"',
    "repo": '"y/m-GGUF"',
    "quantisation": '"Q8_0"',
    "good_for": '"Writing."',
}
BORN_BEFORE_THEIR_LICENCE = {"PLLuM 12B Base 2512"}


def write(folder: Path, *tables: dict[str, str]) -> Path:
    path = folder / "catalogue.toml"
    lines = ["[licences]", '"mit" = "MIT"']
    for table in tables:
        lines += ["[[model]]", *(f"{key} = {value}" for key, value in table.items())]
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_the_shipped_one_holds_from_tiny_to_huge() -> None:
    found = catalogue.entries()
    assert len(found) > 40
    assert {entry.level for entry in found} == set(LEVELS)
    assert min(entry.parameters for entry in found) < 300_000
    assert max(entry.parameters for entry in found) > 600_000_000_000
    families = {entry.family for entry in found}
    assert families >= {
        "GPT-2",
        "Llama 3.1",
        "Qwen3",
        "Gemma 3",
        "OLMo 2",
        "Pythia",
        "SmolLM2",
        "Mistral",
        "TinyStories",
    }


@pytest.mark.parametrize("entry", catalogue.entries(), ids=lambda entry: entry.name)
def test_every_entry_is_complete(entry: Entry) -> None:
    assert 20 < len(entry.good_for) <= 110
    assert (entry.good_for.endswith((".", "”.")) and entry.good_for[0].isupper()) or entry.good_for[0].isdigit()
    assert entry.licence or entry.name in BORN_BEFORE_THEIR_LICENCE
    assert entry.quantisation in {*FILE_TYPES.values(), "Q5_K"}
    if entry.size:  # between one and eighteen bits… of each parameter; an untied output matrix may double a tiny one
        bits = entry.size * 8 / entry.parameters
        assert 2.5 < bits < 37, bits
    assert not any(word in entry.base_model.lower() for word in ("instruct", "chat", "-it"))


@pytest.mark.parametrize("entry", catalogue.entries(), ids=lambda entry: entry.name)
def test_every_entry_is_found(entry: Entry) -> None:
    assert catalogue.for_repo(entry.repo.upper()) is entry
    for original in entry.originals:
        found = catalogue.for_original(original.lower())
        assert found is not None and original in found.originals
    assert catalogue.pinned(entry.repo, entry.file, entry.size) == entry.sha256
    if entry.file:
        named = catalogue.for_name(f"folder/{entry.file}")
        assert named is not None and named.family == entry.family
    for twin in entry.chat_twins:
        assert catalogue.chat_twin(twin.upper()) is entry
        assert catalogue.for_original(twin) is None
        assert catalogue.for_name(f"{twin.rsplit('/', 1)[1]}.Q4_K_M.gguf") is None


def test_a_name_without_base_is_the_chat_twin_of_one_with_it() -> None:
    twin = catalogue.chat_twin("Qwen3-4B.Q4_K_M.gguf")
    assert twin is not None and twin.name == "Qwen3 4B Base"
    assert catalogue.chat_twin("Qwen3-4B-Base.Q4_K_M.gguf") is None


def test_a_checksum_that_is_pinned() -> None:
    entry = catalogue.entries()[0]
    assert entry.sha256 and catalogue.pinned(entry.repo, entry.file, entry.size + 1) == ""
    assert catalogue.pinned(entry.repo, "other.gguf", entry.size) == catalogue.pinned("x/y", entry.file, 1) == ""
    assert catalogue.replaced(entry.repo, entry.file, "0" * 64)
    for repo, file, sha256 in (
        (entry.repo, entry.file, entry.sha256),
        (entry.repo, entry.file, ""),
        (entry.repo, "other.gguf", "0" * 64),
        ("x/y", entry.file, "0" * 64),
    ):
        assert not catalogue.replaced(repo, file, sha256)


def test_a_licence_has_a_name() -> None:
    assert catalogue.licence_name("Apache-2.0") == "Apache 2.0"
    assert catalogue.licence_name("never-heard-of") == "never-heard-of"


def test_a_good_table_is_read(tmp_path: Path) -> None:
    found = catalogue.read(write(tmp_path, GOOD | {"licence": '"mit"', "also": '["z/m"]', "gated": "true"}))
    assert found.entries[0].originals == ("x/m", "z/m")
    assert found.entries[0].gated and found.licences == {"mit": "MIT"}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"colour": '"red"'}, "colour"),
        ({"parameters": '"10"'}, "parameters cannot be '10'"),
        ({"parameters": "true"}, "parameters cannot be True"),
        ({"parameters": "0"}, "so many parameters"),
        ({"active": "10"}, "so many parameters"),
        ({"repo": '"m-GGUF"'}, "no id of the hub"),
        ({"base_model": '"https://x/m"'}, "no id of the hub"),
        ({"level": '"middle"'}, "no level"),
        ({"licence": '"WTF"'}, "has no name"),
        ({"also": '"z/m"'}, "also cannot be"),
        ({"also": "[1]"}, "list of texts"),
        ({"good_for": '""'}, "a text is empty"),
        ({"sha256": '"abc"'}, "no such number"),
        ({"revision": '"main"'}, "no such number"),
        ({"file": '"m.safetensors"'}, "no GGUF"),
        ({"context": "-1"}, "cannot be"),
    ],
)
def test_a_bad_table_raises(change: dict[str, str], words: str, tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=words):
        catalogue.read(write(tmp_path, GOOD | change))


@pytest.mark.parametrize("missing", sorted(GOOD))
def test_a_missing_field_raises(missing: str, tmp_path: Path) -> None:
    with pytest.raises(CatalogueError):
        catalogue.read(write(tmp_path, {key: value for key, value in GOOD.items() if key != missing}))


def test_duplicate_names_levels_out_of_order_and_invalid_toml(tmp_path: Path) -> None:
    other = GOOD | {"name": '"N"', "repo": '"y/n-GGUF"', "level": '"expert"'}
    with pytest.raises(CatalogueError, match="one name"):
        catalogue.read(write(tmp_path, GOOD, GOOD))
    with pytest.raises(CatalogueError, match="order of their levels"):
        catalogue.read(write(tmp_path, other, GOOD))
    (tmp_path / "broken.toml").write_text("[[model]", encoding="utf-8")
    for name in ("broken.toml", "none.toml"):
        with pytest.raises(CatalogueError, match=name):
            catalogue.read(tmp_path / name)


@pytest.mark.parametrize(
    ("file", "expected"),
    [
        ("gpt2.Q8_0.gguf", "gpt2"),
        ("GPT-2-q4_K_S.gguf", "gpt-2"),
        ("gemma-3-1b-pt-q4_0.gguf", "gemma-3-1b-pt"),
        ("Qwen3.5-9B-Base.i1-Q6_K.gguf", "qwen3.5-9b-base"),
        ("Qwen3-4B-UD-Q4_K_XL.gguf", "qwen3-4b"),
        ("LFM2.5-1.2B-Base-BF16.gguf", "lfm2.5-1.2b-base"),
        ("DeepSeek-V3-Base.Q2_K-00003-of-00020.gguf", "deepseek-v3-base"),
        ("Meta-Llama-3.1-405B.Q4_K_S.gguf.part1of5", "meta-llama-3.1-405b"),
        ("meta-llama/Llama-3.1-8B", "llama-3.1-8b"),
        ("gpt-oss-mxfp4.gguf", "gpt-oss"),
        ("smol.fp16.gguf", "smol"),
        (r"C:\models\phi-2.IQ4_NL.gguf", "phi-2"),
        ("q4_0.gguf", "q4_0"),
        ("", ""),
    ],
)
def test_stems(file: str, expected: str) -> None:
    assert catalogue.stem(file) == expected


@given(
    name=st.from_regex(r"[A-Za-z][A-Za-z0-9]{0,8}(-[A-Z][a-z]{1,5})?", fullmatch=True),
    mark=st.sampled_from(["", ".", "-", "_"]),
    quantisation=st.sampled_from(sorted(FILE_TYPES.values())),
    infix=st.sampled_from(["", "i1-", "UD-"]),
    tail=st.sampled_from([".gguf", ".GGUF", "-00001-of-00002.gguf", ".gguf.part1of3"]),
)
def test_a_stem_omits_additions_of_converters(name: str, mark: str, quantisation: str, infix: str, tail: str) -> None:
    added = f"{mark}{infix}{quantisation}" if mark else ""
    assert catalogue.stem(f"{name}{added}{tail}") == name.lower()


@given(st.text(max_size=60))
def test_any_name_has_a_stem_that_is_its_own(name: str) -> None:
    once = catalogue.stem(name)
    assert "/" not in once and once == once.lower()
    catalogue.for_name(name)
    catalogue.chat_twin(name)
