"""Every form in which a user may name a model gives the right file or a sentence."""

from typing import Any

import pytest

from models.library.hub.address import parsed
from models.library.hub.choosing import NotOneError, chosen
from models.library.hub.errors import HubError
from models.library.hub.repository import open_repository
from tests.models.library.hub_stand_in import COMMIT, StandIn

FILES = (
    "m.Q4_K_M.gguf",
    "m.Q8_0.gguf",
    "m-imatrix-Q2_K.gguf",
    "small/same.gguf",
    "large/same.gguf",
    "Deep/Er/m.IQ4_XS.gguf",
    "BF16/m-BF16-00001-of-00002.gguf",
    "BF16/m-BF16-00002-of-00002.gguf",
    "m.F16.gguf.part1of2",
    "m.F16.gguf.part2of2",
    "mmproj-m.gguf",
    "imatrix.gguf",
    "README.md",
)
USUAL, Q8, SHARDS, PIECES = "m.Q4_K_M.gguf", "m.Q8_0.gguf", "BF16/m-BF16-00001-of-00002.gguf", "m.F16.gguf"
SMALL, LARGE, DEEP = "small/same.gguf", "large/same.gguf", "Deep/Er/m.IQ4_XS.gguf"
HERE = "https://huggingface.co/o/m-GGUF"

TO_A_FILE = {
    # repositories
    "o/m-GGUF": USUAL,
    " o/m-GGUF/ ": USUAL,
    "<https://huggingface.co/o/m-GGUF>": USUAL,
    HERE: USUAL,
    f"{HERE}/": USUAL,
    f"{HERE}?library=llama-cpp": USUAL,
    f"{HERE}#files": USUAL,
    "HTTPS://HuggingFace.co/o/m-GGUF": USUAL,
    "huggingface.co/o/m-GGUF": USUAL,
    "www.huggingface.co/o/m-GGUF": USUAL,
    "hf.co/o/m-GGUF": USUAL,
    "https://hf.co/o/m-GGUF/tree/main": USUAL,
    f"{HERE}/tree/{COMMIT}": USUAL,
    f"{HERE}/discussions/3": USUAL,
    "hf://o/m-GGUF": USUAL,
    "https://huggingface.co/api/models/o/m-GGUF": USUAL,
    "o/m-GGUF@main": USUAL,
    # quantisations
    "o/m-GGUF:Q8_0": Q8,
    "o/m-GGUF:q8_0": Q8,
    "hf.co/o/m-GGUF:Q8_0": Q8,
    f"{HERE}:Q8_0": Q8,
    "o/m-GGUF@main:Q8_0": Q8,
    "o/m-GGUF:BF16": SHARDS,
    "o/m-GGUF:F16": PIECES,
    # files
    f"{HERE}/blob/main/m.Q8_0.gguf": Q8,
    f"{HERE}/resolve/main/m.Q8_0.gguf?download=true": Q8,
    f"{HERE}/raw/main/m.Q8_0.gguf": Q8,
    f"{HERE}/resolve/{COMMIT}/m.Q8_0.gguf": Q8,
    f"{HERE}?show_file_info=m.Q8_0.gguf": Q8,
    "hf.co/o/m-GGUF/blob/main/m.Q8_0.gguf": Q8,
    "o/m-GGUF/m.Q8_0.gguf": Q8,
    "o/m-GGUF/resolve/main/m.Q8_0.gguf": Q8,
    "o/m-GGUF:m.Q8_0.gguf": Q8,
    "o/m-GGUF/M.q8_0.GGUF": Q8,
    "hf://o/m-GGUF/m.Q8_0.gguf": Q8,
    "o/m-GGUF/m-imatrix-Q2_K.gguf": "m-imatrix-Q2_K.gguf",
    f"{HERE}/blob/main/m.F16.gguf.part2of2": PIECES,
    f"{HERE}/blob/main/BF16/m-BF16-00002-of-00002.gguf": SHARDS,
    # folders
    f"{HERE}/blob/main/small/same.gguf": SMALL,
    f"{HERE}/resolve/main/large/same.gguf": LARGE,
    "o/m-GGUF/large/same.gguf": LARGE,
    "o/m-GGUF:large/same.gguf": LARGE,
    f"{HERE}/tree/main/small": SMALL,
    f"{HERE}/tree/main/LARGE/": LARGE,
    f"{HERE}/tree/main/Deep": DEEP,
    f"{HERE}/blob/main/Deep%2FEr/m.IQ4_XS.gguf": DEEP,
    "o/m-GGUF/m.IQ4_XS.gguf": DEEP,
    f"{HERE}/tree/main/BF16": SHARDS,
}

TO_A_SENTENCE = {
    "o/m-GGUF/same.gguf": "Several files of o/m-GGUF are same.gguf; name one of: small/same.gguf, large/same.gguf.",
    "o/m-GGUF:same.gguf": "Several files of o/m-GGUF are same.gguf; name one of: ",
    "o/m-GGUF:Q5_K_M": "o/m-GGUF has no Q5_K_M; name one of: ",
    f"{HERE}/blob/main/gone.gguf": "o/m-GGUF has no gone.gguf; name one of: ",
    f"{HERE}/blob/main/README.md": "o/m-GGUF has no README.md; name one of: ",
    f"{HERE}/blob/main/imatrix.gguf": "o/m-GGUF has no imatrix.gguf; name one of: ",
    f"{HERE}/resolve/main/small/m.Q8_0.gguf": "o/m-GGUF has no small/m.Q8_0.gguf; name one of: ",
    f"{HERE}/tree/main/nowhere": "o/m-GGUF has no nowhere; name one of: ",
    f"{HERE}/tree/gone": "no version “gone”",
    f"{HERE}/blob/refs%2Fpr%2F1/m.Q8_0.gguf": "no version “refs/pr/1”",
    f"{HERE}/blob/refs/pr/1/m.Q8_0.gguf": "no version “refs/pr/1”",
    "https://huggingface.co/datasets/o/m": "no name of a repository",
    "https://huggingface.co/spaces/o/m": "no name of a repository",
    "https://huggingface.co/o": "no name of a repository",
    "https://huggingface.co": "no name of a repository",
    "m-GGUF": "no name of a repository",
    "": "no name of a repository",
    "http://[::1": "no name of a repository",
}


@pytest.fixture
def found(hub: StandIn, connect: Any) -> Any:
    """The item for such words, from a hub with one repository."""
    hub.add("o/m-GGUF", {name: name.encode() * (4 if "same" in name or "Q4" in name else 5) for name in FILES})

    def get(text: str) -> str:
        wanted = parsed(text)
        return chosen(open_repository(wanted.repo, connect(), revision=wanted.revision), wanted, "Q4_K_M").path

    return get


@pytest.mark.parametrize("text", TO_A_FILE)
def test_to_the_right_file(text: str, found: Any) -> None:
    assert found(text) == TO_A_FILE[text]


@pytest.mark.parametrize("text", TO_A_SENTENCE)
def test_to_a_sentence(text: str, found: Any) -> None:
    with pytest.raises((HubError, NotOneError)) as caught:
        found(text)
    sentence = str(caught.value)
    assert TO_A_SENTENCE[text] in sentence and sentence.endswith(".") and "\n" not in sentence


def test_there_are_forty_ways_and_more() -> None:
    assert len(TO_A_FILE) + len(TO_A_SENTENCE) >= 40


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1:80/o/m-GGUF:Q8_0", "https://hub.example/o/m-GGUF/blob/main/m.Q8_0.gguf"]
)
def test_any_hub_s_addresses(text: str, found: Any) -> None:
    assert found(text) == Q8
