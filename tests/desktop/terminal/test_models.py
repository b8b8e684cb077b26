"""`inkfall models …` against the stand-in hub, in real processes: search, show, get, remove."""

import hashlib
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from models.library import catalogue
from models.library.downloadable import UNVERIFIED
from tests.desktop.terminal.conftest import Answer, Inkfall
from tests.models.library.conftest import SOUND, STRING, text, with_architecture
from tests.models.library.hub_stand_in import GOOD_TOKEN, StandIn

MODEL = SOUND.encode()
LARGE = SOUND.but(tensors={"token_embd.weight": ((1 << 20, 16), 0, 64 << 20)}).encode()


@pytest.fixture
def hub() -> Iterator[StandIn]:
    hub = StandIn()
    hub.add(
        "maker/One-Base-GGUF",
        {"One-Base.Q4_K_M.gguf": MODEL, "One-Base.Q8_0.gguf": MODEL + bytes(32), "README.md": b"#"},
        tags=["gguf", "license:mit", "base_model:quantized:org/One-Base"],
        gguf={"total": 2_000_000, "architecture": "llama", "context_length": 512},
    )
    hub.add("maker/Two-Instruct-GGUF", {"Two.Q2_K.gguf": MODEL}, gated=True, downloads=5)
    yield hub
    hub.close()


@pytest.fixture
def ask(hub: StandIn, inkfall: Inkfall, tmp_path: Path) -> Callable[..., Answer]:
    """`inkfall models …` with the stand-in as its hub and a home of its own."""

    def run(*arguments: str, **changes: str) -> Answer:
        own = {"INKFALL_HOME": str(tmp_path / "home"), "HF_HOME": str(tmp_path / "hf"), "HF_TOKEN": ""}
        return inkfall("models", *arguments, **{"HF_ENDPOINT": hub.endpoint, **own, **changes})

    return run


def failed(answer: Answer) -> str:
    """The one sentence of a command that failed."""
    assert answer.status == 1 and answer.errors.startswith("inkfall: ") and answer.errors.count("\n") == 1
    return answer.errors


def test_search(ask: Callable[..., Answer]) -> None:
    rows = [line.split("\t") for line in ask("search", "gguf").text.splitlines()]
    assert rows[0] == ["repository", "kind", "downloads", "likes", "updated", "licence"]
    assert rows[1] == ["maker/One-Base-GGUF", "base", "10", "1", "2026-01-02", "mit"]
    assert rows[2][:2] == ["maker/Two-Instruct-GGUF", "chat"] and "gated" in rows[2][5]


def test_search_with_filters(ask: Callable[..., Answer], hub: StandIn) -> None:
    assert len(ask("search", "gguf", "--base", "--ungated").text.splitlines()) == 2
    assert len(ask("search", "gguf", "--limit", "1").text.splitlines()) == 2
    nothing = ask("search", "gguf", "--author", "nobody")
    assert nothing.status == 0 and nothing.errors == "Nothing was found.\n"


def test_show(ask: Callable[..., Answer], hub: StandIn) -> None:
    answer = ask("show", f"{hub.endpoint}/maker/One-Base-GGUF/tree/main")
    facts, table = answer.text.split("\n\n")
    assert "kind          base: " in facts and "parameters    2,000,000" in facts
    rows = [line.split("\t") for line in table.splitlines()]
    assert [row[0] for row in rows] == ["quantisation", "Q4_K_M", "Q8_0"]
    assert all("It runs on the CPU" in row[-1] or "fits" in row[-1] for row in rows[1:])


def test_show_without_reading_headers(ask: Callable[..., Answer], hub: StandIn) -> None:
    assert ask("show", "maker/One-Base-GGUF", "--no-fit").status == 0
    assert hub.ranges() == []


def test_show_of_a_gated_model_says_why_its_fit_is_not_known(ask: Callable[..., Answer]) -> None:
    answer = ask("show", "maker/Two-Instruct-GGUF")
    assert answer.status == 0 and "accept its terms" in answer.text


def test_get_and_remove(ask: Callable[..., Answer], tmp_path: Path) -> None:
    answer = ask("get", "maker/One-Base-GGUF")
    path = Path(answer.text.strip())
    assert answer.status == 0 and hashlib.sha256(path.read_bytes()).digest() == hashlib.sha256(MODEL).digest()
    assert "One-Base.Q4_K_M.gguf: Done" in answer.errors
    assert "here already" in ask("get", "maker/One-Base-GGUF:q4_k_m").errors
    row = ask("list").text.splitlines()[1].split("\t")
    assert (row[0], row[2], row[3], row[4]) == ("One-Base.Q4_K_M", "base", "own", str(path))
    removed = ask("remove", "One-Base.Q4_K_M", "--permanent")
    assert removed.status == 0 and "deleted" in removed.text and not path.exists()
    assert "No model named" in failed(ask("remove", "One-Base.Q4_K_M"))


def test_a_file_without_a_checksum_is_reported_before_and_after(ask: Callable[..., Answer], hub: StandIn) -> None:
    hub.add("maker/Bare-GGUF", {"Bare.Q4_K_M.gguf": MODEL}, hashed=False)
    written = ask("get", "maker/Bare-GGUF").errors.splitlines()
    assert UNVERIFIED in written[0] and UNVERIFIED in written[-1]
    assert UNVERIFIED in ask("get", "maker/Bare-GGUF").errors


def test_a_replaced_file_of_the_catalogue_is_reported(ask: Callable[..., Answer], hub: StandIn) -> None:
    entry = next(entry for entry in catalogue.entries() if entry.name == "TinyStories 260K")
    hub.add(entry.repo, {entry.file: MODEL})
    answer = ask("get", entry.repo)
    assert answer.status == 0 and "was replaced on the hub since the catalogue was written." in answer.errors


def test_models_in_the_hub_s_cache_are_deleted_only_with_permanent(ask: Callable[..., Answer], tmp_path: Path) -> None:
    snapshot = tmp_path / "hf" / "hub" / "models--maker--Three" / "snapshots" / ("c" * 40)
    snapshot.mkdir(parents=True)
    (snapshot / "three.gguf").write_bytes(MODEL)
    assert "--permanent" in failed(ask("remove", "three")) and (snapshot / "three.gguf").exists()


def test_get_lists_the_items(ask: Callable[..., Answer]) -> None:
    assert "has no Q5_K_M; name one of: Q4_K_M, Q8_0" in failed(ask("get", "maker/One-Base-GGUF:Q5_K_M"))
    assert ask("get", "maker/One-Base-GGUF:One-Base.Q4_K_M.gguf").status == 0


def test_a_name_of_the_catalogue_gets_what_it_recommends(ask: Callable[..., Answer], hub: StandIn) -> None:
    rows = [line.split("\t") for line in ask("list", "--catalogue").text.splitlines()]
    row = next(row for row in rows if row[0] == "GPT-2 124M")
    repo, quantisation = row[-1].split(":")
    hub.add(repo, {f"gpt2.{quantisation}.gguf": MODEL, "gpt2.Q4_K_M.gguf": MODEL + bytes(32)})
    assert ask("get", "gpt-2-124m").text.strip().endswith(f"gpt2.{quantisation}.gguf") and quantisation != "Q4_K_M"


def test_gated_missing_and_bad_token(ask: Callable[..., Answer], hub: StandIn) -> None:
    gated = failed(ask("get", "maker/Two-Instruct-GGUF"))
    assert "accept its terms" in gated and "HF_TOKEN" in gated
    assert "HF_TOKEN" in failed(ask("get", "maker/none"))
    assert "does not accept the token" in failed(ask("show", "maker/One-Base-GGUF", HF_TOKEN="hf_wrong"))
    hub.accounts[GOOD_TOKEN].access.add("maker/Two-Instruct-GGUF")
    assert ask("get", "maker/Two-Instruct-GGUF", HF_TOKEN=GOOD_TOKEN).status == 0
    assert all(not request.authorization for request in hub.requests if request.server == "cdn")


@pytest.mark.parametrize("words", [("search", "x"), ("show", "a/b"), ("get", "a/b")])
def test_offline_makes_no_request(words: tuple[str, ...], ask: Callable[..., Answer], hub: StandIn) -> None:
    assert "offline" in failed(ask(*words, "--offline"))
    assert "offline" in failed(ask(*words, HF_HUB_OFFLINE="1"))
    assert hub.requests == []


def test_the_window_s_settings_apply(ask: Callable[..., Answer], hub: StandIn, tmp_path: Path) -> None:
    settings = tmp_path / "home" / "config" / "settings.json"
    settings.parent.mkdir(parents=True)
    settings.write_text(f'{{"endpoint": "{hub.endpoint}"}}')
    assert ask("search", "gguf", HF_ENDPOINT="").status == 0
    settings.write_text('{"offline": true}')
    assert "offline" in failed(ask("search", "gguf"))


def test_ctrl_c_pauses_and_the_same_command_goes_on(
    ask: Callable[..., Answer],
    hub: StandIn,
    popen: Callable[..., subprocess.Popen[bytes]],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hub.add("maker/Large", {"large.Q8_0.gguf": LARGE})
    hub.speed = 8e6
    monkeypatch.setenv("HF_ENDPOINT", hub.endpoint)
    home = Path(os.environ["INKFALL_HOME"])
    process = popen("models", "get", "maker/Large")
    part = home / "data" / "models" / "maker--Large" / "large.Q8_0.gguf.part"
    end = time.monotonic() + 60
    while not (part.exists() and part.stat().st_size > 4 << 20) and time.monotonic() < end:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130 and errors.decode().endswith("the same command goes on from it.\n")
    assert "Traceback" not in errors.decode() and part.stat().st_size > 4 << 20
    hub.speed = 0
    answer = ask("get", "maker/Large", INKFALL_HOME=str(home))
    assert answer.status == 0 and Path(answer.text.strip()).read_bytes() == LARGE
    assert hub.ranges()[-1] not in {"", "bytes=0-"}
    Path(answer.text.strip()).unlink()


def test_an_encoder_is_refused_before_it_is_downloaded(ask: Callable[..., Answer], hub: StandIn) -> None:
    encoder = with_architecture(SOUND, "bert").encode()
    hub.add("maker/Read-GGUF", {"Read.Q4_K_M.gguf": encoder}, gguf={"total": 2_000, "architecture": "bert"})
    hub.add("maker/Silent-GGUF", {"Silent.Q4_K_M.gguf": encoder})
    for name in ("Read", "Silent"):
        assert failed(ask("get", f"maker/{name}-GGUF")) == (
            f"inkfall: {name}.Q4_K_M.gguf is an encoder: it reads text but can't continue it. It was not downloaded.\n"
        )
        assert "is an encoder" in ask("show", f"maker/{name}-GGUF").text
    assert ask("list").text.count("\n") == 1


def test_a_wrongly_named_encoder_is_kept_and_reported(ask: Callable[..., Answer], hub: StandIn) -> None:
    adapter = SOUND.with_value("general.type", STRING, text("adapter")).encode()
    hub.add("maker/Odd-GGUF", {"Odd.Q4_K_M.gguf": adapter}, gguf={"total": 2_000, "architecture": "llama"})
    answer = ask("get", "maker/Odd-GGUF")
    assert answer.status == 1 and answer.text == ""
    assert answer.errors.splitlines()[-1].startswith("inkfall: Odd.Q4_K_M.gguf is a LoRA adapter")
    row = ask("list").text.splitlines()[1].split("\t")
    assert row[0] == "Odd.Q4_K_M" and row[2] == "unusable" and Path(row[4]).read_bytes() == adapter
    assert ask("remove", "Odd.Q4_K_M", "--permanent").status == 0
