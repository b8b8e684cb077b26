"""A header read from the hub equals the header read here; it is read in ranges, cached, and without the token on the
CDN."""

import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from models.library.app_dirs import AppDirs
from models.library.downloadable import Downloadable
from models.library.header import HeaderError, read_array, read_header
from models.library.hub import far_header as module
from models.library.hub.errors import BadTokenError, GatedError, HubError, MissingError, OfflineError, UnreachableError
from models.library.hub.far_header import far_header
from models.library.hub.repository import open_repository
from tests.models.library.conftest import ARRAY, SOUND, Recipe, string_array
from tests.models.library.hub_stand_in import GOOD_TOKEN, StandIn

WEIGHTS = 8 << 20
LARGE = SOUND.but(tensors={"token_embd.weight": ((1 << 20, 2), 0, WEIGHTS)})
WIDE = LARGE.with_value("tokenizer.ggml.tokens", ARRAY, string_array([f"token number {n}" for n in range(120_000)]))
Open = Callable[..., Downloadable]


@pytest.fixture
def item(hub: StandIn, connect: Any) -> Open:
    """Puts a file there and gives its item."""

    def put(data: bytes, name: str = "m.Q4_K_M.gguf", **fields: Any) -> Downloadable:
        hub.add("o/m", {name: data}, **fields)
        found = open_repository("o/m", connect()).items[0]
        hub.requests.clear()
        return found

    return put


@pytest.mark.parametrize("recipe", [SOUND, LARGE, WIDE], ids=["small", "large", "wide"])
def test_it_equals_the_local_header(
    recipe: Recipe, item: Open, hub: StandIn, connect: Any, home: AppDirs, tmp_path: Path
) -> None:
    data = recipe.encode()
    (tmp_path / "m.Q4_K_M.gguf").write_bytes(data)
    near, far = read_header(tmp_path / "m.Q4_K_M.gguf"), far_header(item(data), connect(), home)
    assert (far.values, far.arrays, far.tensors, far.size) == (near.values, near.arrays, near.tensors, near.size)
    assert far.path.name == near.path.name
    key = "tokenizer.ggml.tokens"
    assert read_array(far, key) == read_array(near, key)
    fetched = sum(int(end) - int(start) + 1 for start, end in (asked[6:].split("-") for asked in hub.ranges()))
    assert fetched <= max(1 << 20, len(data) - WEIGHTS + (4 << 20))


def test_the_starter_s_header(starter: Path, item: Open, connect: Any, home: AppDirs) -> None:
    near, far = read_header(starter), far_header(item(starter.read_bytes()), connect(), home)
    assert (far.values, far.arrays, far.tensors) == (near.values, near.arrays, near.tensors)


def test_a_second_read_makes_no_request(item: Open, hub: StandIn, connect: Any, home: AppDirs) -> None:
    found = item(LARGE.encode())
    first = far_header(found, connect(), home)
    asked = len(hub.requests)
    assert far_header(found, connect(offline=True), home) == first and len(hub.requests) == asked
    first.path.write_bytes(first.path.read_bytes()[:100])  # damaged meanwhile: fetched anew
    assert far_header(found, connect(), home) == first and len(hub.requests) > asked


def test_the_token_goes_to_the_hub_and_not_to_the_cdn(item: Open, hub: StandIn, connect: Any, home: AppDirs) -> None:
    hub.accounts[GOOD_TOKEN].access.add("o/m")
    far_header(item(LARGE.encode(), gated=True), connect(token=GOOD_TOKEN), home)
    assert {(request.server, request.authorization) for request in hub.requests} == {
        ("hub", f"Bearer {GOOD_TOKEN}"),
        ("cdn", ""),
    }


def test_both_hosts_are_in_the_ledger(item: Open, hub: StandIn, connect: Any, home: AppDirs) -> None:
    to = connect()
    far_header(item(LARGE.encode()), to, home)
    hosts = {contact.host for contact in to.ledger.contacts()}
    assert hosts == {hub.endpoint.removeprefix("http://"), hub.cdn.url.removeprefix("http://")}


def test_pieces_are_read_as_the_one_file_they_are(hub: StandIn, connect: Any, home: AppDirs) -> None:
    data, half = LARGE.encode(), WEIGHTS // 2
    hub.add("o/m", {"m.gguf.part1of2": data[:half], "m.gguf.part2of2": data[half:]})
    (found,) = open_repository("o/m", connect()).items
    assert far_header(found, connect(), home).size == len(data)


def test_a_server_that_ignores_ranges(item: Open, hub: StandIn, connect: Any, home: AppDirs) -> None:
    hub.fail("ignore_range", times=9)
    assert far_header(item(WIDE.encode()), connect(), home).vocabulary == 120_000


def test_gated(item: Open, hub: StandIn, connect: Any, home: AppDirs) -> None:
    found = item(LARGE.encode(), gated=True)
    with pytest.raises(GatedError, match=r"accept its terms at .*/o/m, then give a token") as caught:
        far_header(found, connect(), home)
    assert caught.value.url == f"{hub.endpoint}/o/m"
    with pytest.raises(GatedError, match="your account has no access yet"):
        far_header(found, connect(token=GOOD_TOKEN), home)
    with pytest.raises(BadTokenError):
        far_header(found, connect(token="hf_wrong"), home)


def test_missing_offline_and_silent_hubs(item: Open, hub: StandIn, connect: Any, home: AppDirs) -> None:
    found = item(LARGE.encode())
    with pytest.raises(OfflineError):
        far_header(found, connect(offline=True), home)
    assert hub.requests == []
    hub.fail("silence", after=100, seconds=20)
    with pytest.raises(UnreachableError):
        far_header(found, connect(), home, patience=0.3)
    del hub.repos["o/m"].files["m.Q4_K_M.gguf"]
    with pytest.raises(MissingError, match="gone"):
        far_header(found, connect(), home)
    assert not list(home.cache.rglob("*.gguf"))


def test_a_file_of_another_size_than_was_listed(item: Open, hub: StandIn, connect: Any, home: AppDirs) -> None:
    found = item(LARGE.encode())
    hub.repos["o/m"].files["m.Q4_K_M.gguf"] += b"more"
    with pytest.raises(HubError, match="not the file that the hub had listed"):
        far_header(found, connect(), home)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [(b"<html>", "a web page"), (b"GGUF" + bytes(100), "GGUF version"), (LARGE.encode()[:-100], "cut short")],
)
def test_what_is_no_model(data: bytes, sentence: str, item: Open, connect: Any, home: AppDirs) -> None:
    with pytest.raises(HeaderError, match=sentence):
        far_header(item(data), connect(), home)


def test_an_endless_header_is_not_followed(
    item: Open, hub: StandIn, connect: Any, home: AppDirs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST", 2 << 20)
    endless = SOUND.with_value("general.notes", 8, struct.pack("<Q", 4 << 20) + bytes(4 << 20))
    with pytest.raises(HeaderError, match="more than 2 MiB"):
        far_header(item(endless.encode()), connect(), home)


def test_the_cache_forgets_the_oldest(
    hub: StandIn, connect: Any, home: AppDirs, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MAX_CACHED", 2 * len(SOUND.encode()))
    for number in range(5):
        hub.add(f"o/m{number}", {"m.gguf": SOUND.encode()})
        far_header(open_repository(f"o/m{number}", connect()).items[0], connect(), home)
    cached = [file.parent.parent.name for file in home.cache.rglob("*.gguf")]
    assert cached and "o--m4" in cached and "o--m0" not in cached
