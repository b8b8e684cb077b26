"""The library in a language other than English: its errors, its numbers, and its stored sentences."""

import tomllib
from pathlib import Path

from models.library.download import queue_store
from models.library.downloadable import Downloadable, RemoteFile
from resources import CATALOGUE, RELEASE
from tests.resources.in_korean import run_in_korean

UNREACHED = """
import socket
from models.library.hub.connection import Connection
from models.library.hub.errors import HubError
from models.library.hub.repository import open_repository
with socket.socket() as closed:
    closed.bind(("127.0.0.1", 0))
    endpoint = f"http://127.0.0.1:{closed.getsockname()[1]}"
    for repo, given in (("a/b", Connection(endpoint=endpoint)), ("a/b", Connection(offline=True))):
        try:
            open_repository(repo, given)
        except HubError as error:
            print(error)
"""
NUMBERS = """
from models.library.words import number, size
for count in (950, 9_950, 12_345, 268_098_176, 8_030_261_248, 3_000_000_000_000):
    print(number(count))
print(size(999), size(253_113_024))
"""
KEPT = """
import sys
from pathlib import Path
from models.library.download import queue_store
for one in queue_store.read(Path(sys.argv[1])):
    print(one.state, one.done, one.sentence)
"""
ITEM = Downloadable("a/b-GGUF", "a" * 40, "Q8_0", (RemoteFile("b.gguf", 10, "0" * 64),))


def test_an_error_of_the_hub() -> None:
    unreached, offline = run_in_korean(UNREACHED).splitlines()
    assert "서버에 접속할 수 없습니다" in unreached and "127.0.0.1" in unreached
    assert (
        offline == "Inkfall이 오프라인으로 설정되어 어디에도 접속하지 않습니다. 허브에 접속하려면 오프라인을 끄십시오."
    )


def test_large_numbers_go_by_ten_thousands() -> None:
    numbers = ["950", "9,950", "1만 2,300", "2억 6,800만", "80억 3,000만", "3조"]
    assert run_in_korean(NUMBERS).splitlines() == [*numbers, "999바이트 253 MB"]


def test_a_sentence_stored_in_another_language_is_not_shown(tmp_path: Path) -> None:
    file = tmp_path / "downloads.json"
    queue_store.write(
        file,
        [
            queue_store.StoredDownload(ITEM, "failed", 3, "The disk is full."),
            queue_store.StoredDownload(ITEM, "done", 10, ""),
        ],
    )
    assert [one.sentence for one in queue_store.read(file)] == ["The disk is full.", ""]
    failed, done = run_in_korean(KEPT, file).splitlines()
    assert failed.startswith("failed 3 Inkfall을 다시 시작하기 전에 멈추었습니다.")
    assert done == "done 10 "


def test_every_model_of_the_catalogue_is_described_in_korean() -> None:
    tables = tomllib.loads(CATALOGUE.read_text(encoding="utf-8"))["model"]
    assert [table["name"] for table in tables if not table.get("good_for_ko", "")] == []
    output = run_in_korean(
        "from models.library.catalogue import entries; print(*(one.good_for for one in entries()), sep='\\n')"
    )
    assert output.splitlines() == [table["good_for_ko"] for table in tables]


def test_a_release_text_in_korean_has_the_same_numbers() -> None:
    english = RELEASE.read_text(encoding="utf-8")
    korean = RELEASE.with_suffix(".ko.md").read_text(encoding="utf-8")
    words = ("name", "parameters", "files", "size", "precision", "architecture", "layers", "vocabulary", "work")
    for word in (*words, "context", "use", "licence"):
        assert f"{{{word}}}" in english and f"{{{word}}}" in korean
