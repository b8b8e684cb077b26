"""Opening a repository of the stand-in: its items with the hub's own sizes and checksums, and every way it fails."""

from typing import Any

import pytest

from models.library import catalogue
from models.library.hub.address import parsed
from models.library.hub.errors import BadTokenError, HubError, MissingError, OfflineError
from models.library.hub.repository import open_repository
from tests.models.library.hub_stand_in import COMMIT, GOOD_TOKEN, StandIn, sha256


def test_items_with_sizes_checksums_and_the_commit(hub: StandIn, connect: Any) -> None:
    files = {"m.Q8_0.gguf": b"8" * 90, "m.Q4_K_M.gguf": b"4" * 50, "README.md": b"#", "mmproj.gguf": b"1"}
    hub.add("o/m-GGUF", files, gguf={"total": 80, "architecture": "llama", "context_length": 512})
    found = open_repository("o/m-GGUF", connect())
    assert [(item.quantisation, item.size) for item in found.items] == [("Q4_K_M", 50), ("Q8_0", 90)]
    assert found.items[0].files[0].sha256 == sha256(b"4" * 50)
    assert found.commit == COMMIT == found.items[0].commit and found.items[0].repo == "o/m-GGUF"
    assert (found.parameters, found.architecture, found.context) == (80, "llama", 512)


def test_a_hub_without_checksum_and_header(hub: StandIn, connect: Any) -> None:
    hub.add("o/m", {"m.gguf": b"1234"}, hashed=False)
    found = open_repository("o/m", connect())
    assert (found.items[0].files[0].sha256, found.items[0].size, found.parameters) == ("", 4, 0)


def test_a_checksum_missing_on_the_hub_comes_from_the_catalogue(hub: StandIn, connect: Any) -> None:
    entry = next(entry for entry in catalogue.entries() if entry.name == "TinyStories 260K")
    hub.add(entry.repo, {entry.file: bytes(entry.size), "other.gguf": b"1"}, hashed=False)
    sums = {item.name: item.files[0].sha256 for item in open_repository(entry.repo, connect()).items}
    assert sums == {entry.file: entry.sha256, "other.gguf": ""}


def test_a_gated_one_opens_without_a_token(hub: StandIn, connect: Any) -> None:
    hub.add("o/m", {"m.gguf": b"1"}, gated=True)
    assert open_repository("o/m", connect()).listed.gated


def test_missing_and_private_look_the_same_without_a_token(hub: StandIn, connect: Any) -> None:
    hub.add("o/hidden", {}, private=True)
    for repo in ("o/none", "o/hidden"):
        with pytest.raises(MissingError, match="either there is no such thing, or it is private or gated") as caught:
            open_repository(repo, connect())
        assert caught.value.token_may_help


def test_missing_with_a_token(hub: StandIn, connect: Any) -> None:
    with pytest.raises(MissingError, match="There is no o/none") as caught:
        open_repository("o/none", connect(token=GOOD_TOKEN))
    assert not caught.value.token_may_help


def test_a_bad_token(hub: StandIn, connect: Any) -> None:
    hub.add("o/m", {})
    with pytest.raises(BadTokenError, match="does not accept the token"):
        open_repository("o/m", connect(token="hf_wrong"))


@pytest.mark.parametrize("name", ["", "alone", "a/b/c", "../up", "a b/c", "o/" + "x" * 200, "o/x..y"])
def test_invalid_names_make_no_request(name: str, hub: StandIn, connect: Any) -> None:
    with pytest.raises(MissingError, match="OWNER/NAME"):
        open_repository(name, connect())
    assert hub.requests == []


def test_offline_makes_no_request(hub: StandIn, connect: Any) -> None:
    with pytest.raises(OfflineError):
        open_repository("o/m", connect(offline=True))
    assert hub.requests == []


def test_a_commit_that_is_none(hub: StandIn, connect: Any) -> None:
    hub.add("o/m", {"m.gguf": b"1"}, commit="../../etc")
    with pytest.raises(HubError, match="does not answer as a hub does"):
        open_repository("o/m", connect())


@pytest.mark.parametrize(
    "text", ["o/m", " o/m ", "https://huggingface.co/o/m", "https://huggingface.co/o/m/tree/main", "huggingface.co/o/m"]
)
def test_names_as_people_paste_them(text: str) -> None:
    assert parsed(text).repo == "o/m"


@pytest.mark.parametrize("text", ["http://[::1", "https://[o/m]"])
def test_an_invalid_address_is_no_name_and_makes_no_request(hub: StandIn, connect: Any, text: str) -> None:
    with pytest.raises(HubError, match="no name of a repository"):
        open_repository(parsed(text).repo, connect())
    assert hub.requests == []


@pytest.mark.parametrize("name", ["..", "o\\..\\..\\m", "../m", "o/m/more", "\ud800"])
def test_a_repository_with_an_impossible_name(hub: StandIn, connect: Any, name: str) -> None:
    hub.add("o/m", {"m.gguf": b"1"}).id = name
    with pytest.raises(HubError, match="does not answer as a hub does"):
        open_repository("o/m", connect())
