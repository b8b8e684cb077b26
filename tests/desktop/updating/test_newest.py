"""One request to one address: every answer it may get."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from desktop.updating.newest import MAX_NOTES, Release, UpdateError, is_newer, newest, numbers
from models.library.hub.connection import Connection, Ledger
from tests.desktop.updating.announcing import Announcing, announcing, own_certificate

URL = "https://example.org/inkfall/1.2.0"
GOOD = {"version": "1.2.0", "url": URL, "notes": "Faster.\nKinder."}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Announcing]:
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy", "HF_HUB_OFFLINE"):
        monkeypatch.delenv(name, raising=False)
    with announcing() as server:
        server.body = json.dumps(GOOD).encode()
        yield server


def why(server: Announcing, connection: Connection | None = None, patience: float = 5.0) -> str:
    with pytest.raises(UpdateError) as error:
        newest(connection or Connection(), server.address, patience)
    return str(error.value)


def test_the_newest_release(server: Announcing) -> None:
    ledger = Ledger()
    assert newest(Connection(ledger=ledger), server.address) == Release("1.2.0", URL, "Faster.\nKinder.")
    ((path, headers),) = server.asked
    assert path == "/releases/latest.json"
    assert headers["User-Agent"] == "inkfall"
    (contact,) = ledger.contacts()
    assert contact.host.startswith("127.0.0.1")
    assert contact.why == "is there a newer Inkfall"


def test_a_token_is_not_sent(server: Announcing) -> None:
    endpoint = server.address.rpartition("/releases")[0]
    newest(Connection(endpoint=endpoint, token="hf_secret"), server.address)
    assert "hf_secret" not in str(server.asked)


def test_offline_makes_no_request(server: Announcing, monkeypatch: pytest.MonkeyPatch) -> None:
    ledger = Ledger()
    assert "offline" in why(server, Connection(offline=True, ledger=ledger))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert "offline" in why(server, Connection(ledger=ledger))
    assert server.asked == []
    assert ledger.contacts() == ()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"<html>Sign in to this network</html>",
        b"[1, 2]",
        b"{",
        b"\xff\xfe",
        b"[" * 100_000,
        *(
            json.dumps({**GOOD, **wrong}).encode()
            for wrong in (
                {"version": 2},
                {"version": "newest"},
                {"version": "9" * 100},
                {"url": "http://example.org/x"},
                {"url": "https://user@example.org/x"},
                {"url": "file:///etc/passwd"},
                {"url": "javascript:alert(1)"},
                {"url": "https://"},
                {"url": "https://[::1"},
                {"url": "https://example.org/a b"},
                {"url": "https://exämple.org/"},
                {"url": None},
                {"notes": ["x"]},
            )
        ),
    ],
)
def test_answers_that_are_no_release(server: Announcing, body: bytes) -> None:
    server.body = body
    assert "no release of Inkfall" in why(server)


def test_notes_are_shown_as_plain_text(server: Announcing) -> None:
    server.body = json.dumps({**GOOD, "notes": "a\x1b[31m\x00\u202eb\n" + "x" * 2 * MAX_NOTES}).encode()
    notes = newest(Connection(), server.address).notes
    assert notes.startswith("a[31mb\nxxx")
    assert len(notes) <= MAX_NOTES


def test_an_answer_without_an_end(server: Announcing) -> None:
    server.answer = server.floods
    assert "no release of Inkfall" in why(server)


@pytest.mark.parametrize("way", ["hangs", "trickles"])
def test_no_answer_in_time(server: Announcing, way: str) -> None:
    server.answer = getattr(server, way)
    sentence = why(server, patience=0.3)
    assert "127.0.0.1" in sentence
    assert "try again later" in sentence


def test_an_error_of_the_server(server: Announcing) -> None:
    server.status = 503
    assert "(status 503)" in why(server)


def test_nothing_listens_at_the_address() -> None:
    with announcing() as gone:
        pass
    assert "could not be reached" in why(gone)


def test_a_name_that_is_not_found() -> None:
    with pytest.raises(UpdateError, match=r"inkfall\.invalid"):
        newest(Connection(), "https://inkfall.invalid/latest.json", 5.0)


def test_a_proxy_that_does_not_work(server: Announcing) -> None:
    with announcing() as gone:
        pass
    proxy = gone.address.rpartition("/releases")[0]
    assert "reached" in why(server, Connection(proxy=proxy))
    assert "proxy" in why(server, Connection(proxy="ftp://nowhere"))
    assert server.asked == []


def test_an_untrusted_certificate(tmp_path: Path) -> None:
    with announcing(own_certificate(tmp_path)) as server:
        server.body = json.dumps(GOOD).encode()
        assert "is not secure" in why(server)
        assert server.asked == []


def test_a_redirect_cannot_leave_tls(server: Announcing, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate = own_certificate(tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    with announcing(certificate) as secure:
        secure.status, secure.headers = 302, {"Location": server.address}
        sentence = why(secure)
        assert "127.0.0.1" in sentence
        assert server.asked == []


@pytest.mark.parametrize(
    ("version", "ours", "newer"),
    [
        ("1.10.0", "1.9.9", True),
        ("1.2", "1.2.0", False),
        ("v2.0", "1.9", True),
        ("0.1.0", "0.1.0", False),
        ("0.1.1", "?", True),  # a checkout that was never installed
        ("0.0.9", "0.1.0", False),
    ],
)
def test_versions(version: str, ours: str, newer: bool) -> None:
    assert is_newer(version, ours) is newer
    assert numbers("1.x") == ()
