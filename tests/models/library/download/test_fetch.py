"""Downloads from the stand-in hub, with every possible failure."""

import struct
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from models.library.app_dirs import under
from models.library.download.fetch import fetch
from models.library.download.layout import final_path, is_complete
from models.library.download.progress import DownloadError, PausedError, Progress, RefusedError
from models.library.downloadable import UNVERIFIED, Downloadable, RemoteFile
from models.library.hub.connection import Connection
from models.library.installed import installed
from tests.models.library.conftest import STRING, U32, Recipe, text, with_architecture
from tests.models.library.download.conftest import MEGABYTE, Shop
from tests.models.library.hub_stand_in import COMMIT, GOOD_TOKEN, StandIn, sha256


def partly(shop: Shop, item: Downloadable, amount: int) -> None:
    """Fetch until that many bytes are there, and stop asking."""
    with closing(fetch(item, shop.folder, shop.connection(), shop.conditions)) as values:
        for value in values:
            if value.phase == "downloading" and value.done >= amount:
                return


def stopped(shop: Shop, item: Downloadable, token: str = "") -> DownloadError:
    """The error that ends the download."""
    with pytest.raises(DownloadError) as caught:
        shop.values(item, token)
    sentence = str(caught.value)
    assert sentence.endswith(".") and "\n" not in sentence and len(sentence) < 300
    return caught.value


def waits(values: list[Progress]) -> list[str]:
    """The sentences while waiting, each once, without the countdown."""
    sentences = [value.sentence.split(" Next try")[0] for value in values if value.phase == "waiting"]
    return list(dict.fromkeys(sentences))


def test_a_file_arrives_whole_and_under_its_name_only(shop: Shop) -> None:
    item = shop.offer()
    values = shop.values(item)
    assert final_path(item, shop.folder) == shop.folder / "owner--name" / "a-Q4_K_M.gguf"
    assert final_path(item, shop.folder).read_bytes() == shop.model and shop.left() == ["a-Q4_K_M.gguf"]
    assert [values[0].phase, values[-2].phase, values[-1].phase] == ["downloading", "verifying", "done"]
    assert values[-1] == Progress("done", item.size, item.size)
    assert [value.done for value in values] == sorted(value.done for value in values)


def test_nothing_is_asked_for_again_when_it_is_here(shop: Shop) -> None:
    item = shop.offer()
    shop.values(item)
    asked = len(shop.hub.requests)
    assert [value.phase for value in shop.values(item)] == ["done"]
    assert "already" in shop.values(item)[-1].sentence
    assert len(shop.hub.requests) == asked


def test_not_asking_contacts_nothing(shop: Shop) -> None:
    fetch(shop.offer(), shop.folder, shop.connection(), shop.conditions)
    assert not shop.hub.requests and not shop.folder.exists()


def test_stopping_keeps_the_bytes_and_resuming_requests_only_the_rest(shop: Shop) -> None:
    item = shop.offer()
    partly(shop, item, MEGABYTE)
    assert shop.left() == ["a-Q4_K_M.gguf.part", "a-Q4_K_M.gguf.part.json"]
    have = final_path(item, shop.folder).with_name("a-Q4_K_M.gguf.part").stat().st_size
    values = shop.values(item)
    assert values[0].phase == "checking" and shop.hub.ranges() == ["", f"bytes={have}-"]
    assert final_path(item, shop.folder).read_bytes() == shop.model


def test_the_host_of_the_bytes_gets_no_token_and_the_ledger_names_both(shop: Shop) -> None:
    item, to = shop.offer(), shop.connection(GOOD_TOKEN)
    list(fetch(item, shop.folder, to, shop.conditions))
    assert [(request.server, request.authorization) for request in shop.hub.requests] == [
        ("hub", f"Bearer {GOOD_TOKEN}"),
        ("cdn", ""),
    ]
    assert [contact.why for contact in to.ledger.contacts()] == ["download a-Q4_K_M.gguf"] * 2


@pytest.mark.parametrize("kind", ["drop", "reset"])
def test_a_connection_that_breaks_is_made_again_from_where_it_broke(shop: Shop, kind: str) -> None:
    item = shop.offer()
    for _ in range(3):
        shop.hub.fail(kind, after=700_000)  # pyright: ignore[reportArgumentType]
    assert len(waits(shop.values(item))) == 1
    starts = [int(span.removeprefix("bytes=").removesuffix("-") or 0) for span in shop.hub.ranges()]
    assert (
        len(starts) == 4 and starts == sorted(set(starts)) and final_path(item, shop.folder).read_bytes() == shop.model
    )


def test_a_drop_before_the_first_byte_and_at_the_address(shop: Shop) -> None:
    item = shop.offer()
    shop.hub.fail("reset")
    shop.hub.fail("drop", where="resolve")
    shop.values(item)
    assert final_path(item, shop.folder).read_bytes() == shop.model


def test_silence_ends_after_the_patience_and_the_download_goes_on(shop: Shop) -> None:
    item, conditions = shop.offer(), replace(shop.conditions, patience=0.2)
    shop.hub.fail("silence", after=MEGABYTE, seconds=30)
    shop.hub.fail("stall", where="resolve", seconds=30)
    values = list(fetch(item, shop.folder, shop.connection(), conditions))
    assert any("in time" in sentence for sentence in waits(values))
    assert final_path(item, shop.folder).read_bytes() == shop.model


@pytest.mark.parametrize("status", [429, 500, 503])
@pytest.mark.parametrize("where", ["resolve", "get"])
def test_a_busy_server_is_given_the_time_that_it_asks_for(shop: Shop, status: int, where: str) -> None:
    item = shop.offer()
    shop.hub.fail("status", where=where, status=status, headers={"Retry-After": "7"})  # pyright: ignore[reportArgumentType]
    values = shop.values(item)
    assert sum(shop.time.waited) == pytest.approx(7.0)
    assert "Next try in 7 s." in next(value.sentence for value in values if value.phase == "waiting")


def test_a_server_that_asks_for_too_long_a_wait_pauses_the_download(shop: Shop) -> None:
    item = shop.offer()
    shop.hub.fail("status", status=429, headers={"Retry-After": "7200"})
    assert isinstance(stopped(shop, item), PausedError) and not shop.time.waited


def test_waits_grow_while_nothing_comes_and_then_the_download_pauses(shop: Shop) -> None:
    item = shop.offer()
    shop.hub.fail("status", status=503, times=100)
    error = stopped(shop, item)
    assert isinstance(error, PausedError) and "503" in str(error)
    assert len(shop.hub.ranges()) == shop.conditions.attempts
    assert sum(shop.time.waited) == pytest.approx(2 + 4 + 8)
    shop.hub.faults.clear()
    shop.values(item)
    assert is_complete(item, shop.folder)


def test_as_long_as_bytes_come_there_is_no_end_of_patience(shop: Shop) -> None:
    item = shop.offer()
    shop.hub.fail("drop", after=100_000, times=25)
    shop.values(item)
    assert len(shop.hub.ranges()) == 26 and is_complete(item, shop.folder)


def test_a_link_that_has_expired_is_asked_for_anew(shop: Shop) -> None:
    item = shop.offer()
    shop.hub.fail("drop", after=MEGABYTE)
    shop.hub.fail("expired")
    assert any("expired" in sentence for sentence in waits(shop.values(item)))
    assert final_path(item, shop.folder).read_bytes() == shop.model and shop.hub.links == 3


def test_a_range_that_is_ignored_loses_nothing(shop: Shop) -> None:
    item = shop.offer()
    partly(shop, item, 2 * MEGABYTE)
    shop.hub.fail("ignore_range")
    done = [value.done for value in shop.values(item) if value.phase == "downloading"]
    assert min(done) >= 2 * MEGABYTE and final_path(item, shop.folder).read_bytes() == shop.model


@pytest.mark.parametrize("kind", ["short", "long", "page"])
def test_an_answer_of_another_length_is_not_taken_for_the_file(shop: Shop, kind: str) -> None:
    item = shop.offer()
    shop.hub.fail(kind)  # pyright: ignore[reportArgumentType]
    assert any("something else" in sentence for sentence in waits(shop.values(item)))
    assert final_path(item, shop.folder).read_bytes() == shop.model


@pytest.mark.parametrize("kind", ["short", "long", "endless"])
def test_a_rest_of_another_length_is_mended(shop: Shop, kind: str) -> None:
    item = shop.offer()
    partly(shop, item, MEGABYTE)
    shop.hub.fail(kind, amount=1_000)  # pyright: ignore[reportArgumentType]
    shop.values(item)
    assert final_path(item, shop.folder).read_bytes() == shop.model


def test_a_flipped_byte_is_never_installed(shop: Shop, tmp_path: Path) -> None:
    item = shop.offer()
    shop.hub.fail("flip", at=2 * MEGABYTE)
    error = stopped(shop, item)
    assert isinstance(error, RefusedError) and "damaged" in str(error)
    assert shop.left() == [] and not installed(under(tmp_path))
    shop.values(item)
    assert final_path(item, shop.folder).read_bytes() == shop.model


def test_a_byte_that_flips_on_the_disk_is_found_in_the_end(shop: Shop) -> None:
    item = shop.offer()
    partly(shop, item, 2 * MEGABYTE)
    part = final_path(item, shop.folder).with_name("a-Q4_K_M.gguf.part")
    spoilt = bytearray(part.read_bytes())
    spoilt[1_500_000] ^= 1
    part.write_bytes(spoilt)
    assert isinstance(stopped(shop, item), RefusedError) and shop.left() == []


def test_a_file_that_changed_is_refused_at_once_and_its_part_removed(
    shop: Shop, make_model: Callable[..., bytes]
) -> None:
    item = shop.offer()
    partly(shop, item, MEGABYTE)
    shop.hub.repos["owner/name"].files["a-Q4_K_M.gguf"] = make_model(3 * MEGABYTE, seed=8)
    error = stopped(shop, item)
    assert isinstance(error, RefusedError) and "another is there" in str(error) and shop.left() == []
    assert len(shop.hub.ranges()) == 2  # the hub's own headers said so: no byte of the body was read


def test_a_changed_file_without_a_sha256_starts_again_and_says_so(shop: Shop, make_model: Callable[..., bytes]) -> None:
    item = shop.offer(hashed=False)
    partly(shop, item, MEGABYTE)
    other = make_model(3 * MEGABYTE, seed=8)
    shop.hub.repos["owner/name"].files["a-Q4_K_M.gguf"] = other
    values = shop.values(item)
    assert any("changed on the hub" in value.sentence for value in values if value.phase == "downloading")
    assert final_path(item, shop.folder).read_bytes() == other


def test_a_file_without_a_sha256_is_reported_as_unverified(shop: Shop) -> None:
    values = shop.values(shop.offer(hashed=False))
    assert values[-1].sentence == UNVERIFIED


def test_without_a_sha256_too_many_bytes_are_refused(shop: Shop) -> None:
    item = shop.offer(hashed=False)
    shop.hub.fail("endless", amount=1_000)
    assert isinstance(stopped(shop, item), RefusedError) and shop.left() == []


@pytest.mark.parametrize("beginning", [b"version https://git-lfs.github.com/spec/v1\n", b"PK\3\4", b""])
def test_a_file_that_is_no_gguf_is_removed_unless_its_sha256_is_right(shop: Shop, beginning: bytes) -> None:
    item = shop.offer(content=beginning + b"x" * 1_000, hashed=False)
    error = stopped(shop, item)
    assert isinstance(error, RefusedError) and "not a GGUF" in str(error) and ".part" not in str(error)
    assert shop.left() == []
    last = shop.values(shop.offer(content=beginning + b"x" * 1_000))[-1]
    assert last.phase == "done" and not last.usable and "not a GGUF" in last.sentence and ".part" not in last.sentence
    assert shop.left() == ["a-Q4_K_M.gguf"]


KINDS = {
    "damaged": (lambda sound: sound.with_value("llama.block_count", U32, bytes(4)), "no sensible llama.block_count"),
    "cut short": (lambda sound: sound.but(cut=1500), "bytes of its weights are missing"),
    "new": (lambda sound: sound.but(version=4), "cannot be used"),
    "an encoder": (lambda sound: with_architecture(sound, "bert"), "is an encoder"),
    "an adapter": (lambda sound: sound.with_value("general.type", STRING, text("adapter")), "is a LoRA adapter"),
}


@pytest.mark.parametrize("kind", KINDS)
def test_a_verified_file_is_kept_whatever_it_is(shop: Shop, sound: Recipe, kind: str) -> None:
    change, words = KINDS[kind]
    content = change(sound).encode()
    last = shop.values(shop.offer(content=content))[-1]
    assert last.phase == "done" and not last.usable and last.done == last.total
    assert last.sentence.startswith("a-Q4_K_M.gguf ") and words in last.sentence and "was kept" in last.sentence
    assert "download or copy it again" not in last.sentence
    assert [path.read_bytes() for path in shop.folder.rglob("*.gguf*")] == [content]
    assert shop.values(shop.offer(content=content))[-1].phase == "done"  # asked for again, it is here


@pytest.mark.parametrize("kind", KINDS)
def test_without_a_sha256_only_what_is_in_order_is_kept(shop: Shop, sound: Recipe, kind: str) -> None:
    change, words = KINDS[kind]
    item = shop.offer(content=change(sound).encode(), hashed=False)
    if kind in {"damaged", "cut short"}:
        assert words in str(stopped(shop, item)) and shop.left() == []
    else:
        assert words in shop.values(item)[-1].sentence and shop.left() == ["a-Q4_K_M.gguf"]


def test_a_recurrent_model_comes_as_any_other(shop: Shop, sound: Recipe) -> None:
    recipe = with_architecture(sound, "mamba")
    recipe = recipe.with_value("mamba.attention.head_count", U32, bytes(4))
    recipe = recipe.with_value("mamba.ssm.state_size", U32, struct.pack("<I", 16))
    last = shop.values(shop.offer(content=recipe.encode()))[-1]
    assert last.phase == "done" and last.usable and last.sentence == ""


@pytest.mark.parametrize(
    "garbage", [b"", b"\0" * 50, b"{}", b"[1, 2]", b'{"repo": "owner/name"', b"\xff\xfe", b'{"files": [1]}\n']
)
def test_a_garbage_sidecar_costs_a_new_beginning_and_nothing_else(shop: Shop, garbage: bytes) -> None:
    item = shop.offer()
    partly(shop, item, MEGABYTE)
    final_path(item, shop.folder).with_name("a-Q4_K_M.gguf.part.json").write_bytes(garbage)
    shop.values(item)
    assert final_path(item, shop.folder).read_bytes() == shop.model and shop.hub.ranges()[-1] == ""


def test_a_part_of_another_file_is_not_gone_on_from(shop: Shop, make_model: Callable[..., bytes]) -> None:
    partly(shop, shop.offer(), MEGABYTE)
    other = make_model(3 * MEGABYTE, seed=8)
    item = shop.offer(content=other)
    shop.values(item)
    assert final_path(item, shop.folder).read_bytes() == other and shop.hub.ranges() == ["", ""]


def test_the_same_bytes_at_another_commit_are_gone_on_from(shop: Shop) -> None:
    item = shop.offer()
    partly(shop, item, MEGABYTE)
    shop.hub.repos["owner/name"].commit = "b" * 40
    shop.values(replace(item, commit="b" * 40))
    assert shop.hub.ranges()[-1] != "" and is_complete(item, shop.folder)


# several files


def test_shards_lie_in_one_folder_and_the_first_is_named_last(shop: Shop, tmp_path: Path) -> None:
    files = {f"a-Q8_0-0000{number}-of-00003.gguf": b"GGUF" + bytes([number]) * MEGABYTE for number in (2, 3)}
    files = {"a-Q8_0-00001-of-00003.gguf": shop.model, **files}
    item = shop.offer_files({f"Q8_0/{name}": data for name, data in files.items()}, split="shards")
    with closing(fetch(item, shop.folder, shop.connection(), shop.conditions)) as values:
        for value in values:
            assert value.phase == "done" or not installed(under(tmp_path))
    assert shop.left() == sorted(files)
    assert final_path(item, shop.folder) == shop.folder / "owner--name" / "Q8_0" / "a-Q8_0-00001-of-00003.gguf"
    assert all((final_path(item, shop.folder).parent / name).read_bytes() == data for name, data in files.items())


def test_shards_that_are_whole_are_not_fetched_again(shop: Shop) -> None:
    item = shop.offer_files(
        {"a-00001-of-00002.gguf": shop.model, "a-00002-of-00002.gguf": b"GGUF" + bytes(MEGABYTE)}, split="shards"
    )
    partly(shop, item, 2 * MEGABYTE)
    assert "a-00002-of-00002.gguf" in shop.left()
    values = shop.values(item)
    assert min(value.done for value in values) > MEGABYTE and len(shop.hub.ranges()) == 3


def pieces(shop: Shop) -> Downloadable:
    third = len(shop.model) // 3
    cut = [shop.model[:third], shop.model[third : 2 * third], shop.model[2 * third :]]
    return shop.offer_files({f"a.gguf.part{number}of3": data for number, data in enumerate(cut, 1)}, split="pieces")


@pytest.mark.parametrize("amount", [500_000, 1_200_000, 2_500_000])
def test_pieces_become_one_file_without_taking_the_disk_twice(shop: Shop, amount: int) -> None:
    item = pieces(shop)
    partly(shop, item, amount)
    assert shop.left() == ["a.gguf.part", "a.gguf.part.json"]
    shop.values(item)
    assert shop.left() == ["a.gguf"] and final_path(item, shop.folder).read_bytes() == shop.model


def test_a_damaged_piece_costs_only_itself(shop: Shop) -> None:
    item = pieces(shop)
    partly(shop, item, 1_100_000)
    shop.hub.fail("flip", at=999_999)
    assert isinstance(stopped(shop, item), RefusedError)
    assert (final_path(item, shop.folder).parent / "a.gguf.part").stat().st_size == item.files[0].size
    shop.values(item)
    assert final_path(item, shop.folder).read_bytes() == shop.model


def test_pieces_prove_themselves_without_a_sidecar(shop: Shop) -> None:
    item = pieces(shop)
    partly(shop, item, 1_200_000)
    final_path(item, shop.folder).with_name("a.gguf.part.json").write_bytes(b"garbage")
    first = next(value for value in shop.values(item) if value.phase == "downloading")
    assert first.done == item.files[0].size and final_path(item, shop.folder).read_bytes() == shop.model


# what cannot be had


@pytest.mark.parametrize(
    ("token", "words", "helps"),
    [
        ("", "accept its terms", True),
        (GOOD_TOKEN, "no access yet", True),
        ("hf_bad", "does not accept the token", True),
    ],
)
def test_a_gated_model_says_what_to_do(shop: Shop, token: str, words: str, helps: bool) -> None:
    item = shop.offer_files({"a.gguf": shop.model}, gated=True)
    error = stopped(shop, item, token)
    assert isinstance(error, RefusedError) and words in str(error) and error.token_may_help == helps
    assert bool(error.url) == (token != "hf_bad") and installed_names(shop) == []
    shop.hub.accounts[GOOD_TOKEN].access.add("owner/name")
    shop.values(item, GOOD_TOKEN)
    assert installed_names(shop) == ["a.gguf"]


def installed_names(shop: Shop) -> list[str]:
    return [name for name in shop.left() if name.endswith(".gguf")]


def test_a_missing_file_a_missing_repository_and_a_lost_commit(shop: Shop) -> None:
    item = shop.offer()
    for other in (
        replace(item, files=(RemoteFile("b.gguf", 10, ""),)),
        replace(item, repo="owner/other"),
        replace(item, commit="c" * 40),
    ):
        assert isinstance(stopped(shop, other), RefusedError)


def test_offline_contacts_nothing(shop: Shop) -> None:
    item, offline = shop.offer(), replace(shop.connection(), offline=True)
    with pytest.raises(PausedError, match="offline"):
        list(fetch(item, shop.folder, offline, shop.conditions))
    assert not shop.hub.requests and not offline.ledger.contacts()


def test_no_network_pauses_after_some_attempts(shop: Shop, hub: StandIn) -> None:
    item = shop.offer()
    nowhere = Connection(endpoint="http://127.0.0.1:9")
    with pytest.raises(PausedError, match="cannot be reached"):
        list(fetch(item, shop.folder, nowhere, shop.conditions))


@pytest.mark.parametrize(
    "name", ["../a.gguf", "/a.gguf", "a/../../b.gguf", "a\\b.gguf", "C:a.gguf", "con.gguf", "a.gguf.", "", "a\nb.gguf"]
)
def test_a_name_that_would_leave_the_folder_is_refused(shop: Shop, name: str) -> None:
    item = Downloadable("owner/name", COMMIT, "", (RemoteFile(name, 3, ""),))
    assert isinstance(stopped(shop, item), RefusedError) and not shop.hub.requests


# the disk


def test_too_little_disk_is_reported_before_any_request(shop: Shop) -> None:
    item = shop.offer()
    with pytest.raises(PausedError, match=r"disk is full: a-Q4_K_M.gguf needs 4.0 MB more and 2.0 MB are free"):
        list(fetch(item, shop.folder, shop.connection(), replace(shop.conditions, free=lambda folder: 2 * MEGABYTE)))
    assert not shop.hub.requests


def test_two_programs_do_not_write_one_part(shop: Shop) -> None:
    item = shop.offer()
    with closing(fetch(item, shop.folder, shop.connection(), shop.conditions)) as first:
        next(first)
        with pytest.raises(PausedError, match="Another Inkfall"):
            shop.values(item)
        list(first)
    assert is_complete(item, shop.folder)


def test_a_folder_that_cannot_be_written_is_reported(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "models").write_bytes(b"a file in its final_path")
    assert isinstance(stopped(shop, shop.offer()), PausedError)


def test_an_installed_model_differs_from_another_of_its_name(shop: Shop, sound: Recipe) -> None:
    shop.values(shop.offer())
    newer = shop.offer(content=shop.model + b"more")
    shop.values(newer)
    assert final_path(newer, shop.folder).read_bytes() == shop.model + b"more"
    assert sha256(final_path(newer, shop.folder).read_bytes()) == newer.files[0].sha256


def test_an_etag_is_only_sent_back_where_a_header_can_hold_it(shop: Shop) -> None:
    item = shop.offer()
    partly(shop, item, MEGABYTE)
    sidecar = final_path(item, shop.folder).with_name("a-Q4_K_M.gguf.part.json")
    sidecar.write_text(sidecar.read_text() + '\n{"index": 0, "etag": "\\"\\u00e9\\n\\""}')
    shop.values(item)
    assert final_path(item, shop.folder).read_bytes() == shop.model
