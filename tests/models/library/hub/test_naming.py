"""File names of repositories, with every habit of the hub's uploaders."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.library.downloadable import Downloadable, RemoteFile
from models.library.hub.naming import bits_per_weight, is_model, items, parameters_in_name, quantisation

NAMES = {
    "gemma-3-1b-pt.Q4_K_M.gguf": "Q4_K_M",
    "Qwen3-8B-Base.i1-IQ3_XXS.gguf": "IQ3_XXS",
    "model-UD-Q4_K_XL.gguf": "UD-Q4_K_XL",
    "bloom-560m.fp16.gguf": "F16",
    "name-q4_k_m.gguf": "Q4_K_M",
    "phi-2_Q8_0.gguf": "Q8_0",
    "falcon-7b-Q4_0-GGUF.gguf": "Q4_0",
    "gemma-3-12b-pt-q4_0.gguf": "Q4_0",
    "m-MXFP4_MOE.gguf": "MXFP4_MOE",
    "BF16/llama-fp16-Q2_K.gguf": "Q2_K",
    "Q6_K/llama.gguf": "Q6_K",
    "gemma-IQ4_NL.gguf": "IQ4_NL",
    "stories260K-f32.gguf": "F32",
    "x.Q4_0_4_8.gguf": "Q4_0_4_8",
    "x-TQ1_0.gguf": "TQ1_0",
    "LFM2.5-1.2B-Base-BF16.gguf": "BF16",
    "x.Q8_0.gguf.part1of2": "Q8_0",
    "plain.gguf": "",
    "Q4you.gguf": "",
}
BESIDE = (
    "mmproj-model-f16.gguf",
    "imatrix.gguf",
    "MTP/model-Q8_0.gguf",
    "mtp-model.gguf",
    "model-lora.gguf",
    "model-LoRA-f16.gguf",
    "ggml-vocab-bpe.gguf",
    "README.md",
    "model.safetensors",
    "../up.gguf",
    "/root.gguf",
    "a/../b.gguf",
    "back\\slash.gguf",
    "line\nbreak.gguf",
    "half a pair \ud800.gguf",
    "right to left \u202efugg.gguf",
)


def file(name: str, size: int = 10) -> RemoteFile:
    return RemoteFile(name, size, "")


def found(*names: str) -> list[tuple[str, int]]:
    return [(item.name, len(item.files)) for item in items("o/r", "c" * 40, [file(name) for name in names])]


@pytest.mark.parametrize(("name", "expected"), NAMES.items())
def test_quantisation(name: str, expected: str) -> None:
    assert quantisation(name) == expected and is_model(name)


@pytest.mark.parametrize("name", BESIDE)
def test_files_that_are_no_model_or_have_unsafe_names(name: str) -> None:
    assert not is_model(name)


def test_shards_are_one_item_in_order() -> None:
    names = [f"Q8_0/x-Q8_0-{number:05}-of-00012.gguf" for number in range(1, 13)]
    (item,) = items("o/r", "c" * 40, [file(name, number) for number, name in reversed(list(enumerate(names, 1)))])
    assert [part.name for part in item.files] == names and item.size == sum(range(1, 13))
    assert (item.split, item.name, item.quantisation) == ("shards", "x-Q8_0-00001-of-00012.gguf", "Q8_0")


def test_pieces_are_one_item_in_the_order_of_their_numbers() -> None:
    names = [f"x.Q2_K.gguf.part{number}of11" for number in range(1, 12)]
    (item,) = items("o/r", "c" * 40, [file(name) for name in sorted(names)])
    assert [part.name for part in item.files] == names
    assert (item.split, item.name, item.quantisation) == ("pieces", "x.Q2_K.gguf", "Q2_K")


def test_incomplete_sets_are_left_out() -> None:
    assert found("x-00001-of-00003.gguf", "x-00003-of-00003.gguf", "y.gguf.part2of2") == []
    assert found("x-00000-of-00001.gguf", "x-00001-of-00000.gguf") == []
    assert found("x-00001-of-00002.gguf", "x-00002-of-00003.gguf") == []


def test_smallest_first_and_empty_files_left_out() -> None:
    files = [file("big.Q8_0.gguf", 90), file("small.Q2_K.gguf", 10), file("none.gguf", 0), file("mid.Q4_0.gguf", 50)]
    assert [item.quantisation for item in items("o/r", "c" * 40, files)] == ["Q2_K", "Q4_0", "Q8_0"]


def test_bits() -> None:
    item = Downloadable("o/r", "c" * 40, "Q4_K_M", (file("x.gguf", 4_920_000_000),))
    assert bits_per_weight(item, 8_030_000_000) == pytest.approx(4.90, abs=0.01)
    assert bits_per_weight(item, 0) is None


@given(st.lists(st.text(alphabet="aQ4_KM0-.12of/rtgu5", max_size=12).map(lambda stem: f"{stem}.gguf"), max_size=8))
def test_no_name_breaks_it_and_no_file_is_in_two_items(names: list[str]) -> None:
    made = items("o/r", "c" * 40, [file(name) for name in dict.fromkeys(names)])
    used = [part.name for item in made for part in item.files]
    assert len(used) == len(set(used)) and set(used) <= set(names)
    assert all(item.name.endswith(".gguf") and "/" not in item.name for item in made)


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("QuantFactory/Meta-Llama-3.1-8B-GGUF", 8_000_000_000),
        ("someone/gemma-3-270m-GGUF", 270_000_000),
        ("someone/Mixtral-8x7B", 56_000_000_000),
        ("someone/Qwen3-30B-A3B-Base-GGUF", 30_000_000_000),
        ("someone/TinyLlama-1.1B-intermediate-step-1431k-3T-GGUF", 1_100_000_000),
        ("someone/gpt2-GGUF", 0),
        ("7B-lovers/gpt2", 0),
    ],
)
def test_the_size_in_a_name(name: str, count: int) -> None:
    assert parameters_in_name(name) == count


def test_a_model_with_imatrix_in_its_name_is_one() -> None:
    names = ["Llama-imatrix-Q4_K_M.gguf", "x.imatrix.Q2_K.gguf", "imatrix-Q8_0.gguf", "IQ-Imatrix/y-IQ3_M.gguf"]
    assert found(*names) == [(name.rsplit("/", 1)[-1], 1) for name in sorted(names, key=lambda n: n.rsplit("/", 1)[-1])]


def test_an_importance_matrix_beside_models_is_recognised_by_its_size() -> None:
    model, small, large = file("x-Q4_K_M.gguf", 5_000), file("x-imatrix.gguf", 40), file("x-imatrix.gguf", 4_000)
    assert [item.name for item in items("o/r", "c" * 40, [model, small])] == ["x-Q4_K_M.gguf"]
    assert [item.name for item in items("o/r", "c" * 40, [model, large])] == ["x-imatrix.gguf", "x-Q4_K_M.gguf"]
    assert [item.name for item in items("o/r", "c" * 40, [small])] == ["x-imatrix.gguf"]
    assert items("o/r", "c" * 40, [file("imatrix.gguf"), file("imatrix_unsloth.gguf")]) == ()
