"""Exit codes become sentences."""

import signal
from pathlib import Path

import pytest

from models.launch.process_outcome import ProcessOutcome


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (-signal.SIGABRT, "gave up"),
        (128 + signal.SIGABRT, "gave up"),
        (-signal.SIGILL, "another processor"),
        (-signal.SIGBUS, "changed or removed"),
        (-signal.SIGKILL, "killed"),
        (0xC0000005, "crashed"),
        (-0x3FFFFFE3, "another processor"),  # 0xC000001D as a signed number
        (3, "code 3"),
        (0, "The engine ended."),
        (None, "The engine ended."),
    ],
)
def test_each_end_has_its_sentence(code: int | None, words: str, tmp_path: Path) -> None:
    sentence = ProcessOutcome(code, tmp_path / "none.log").sentence
    assert words in sentence
    assert sentence.endswith("starts the engine again.")


def test_the_last_telling_line_of_the_log_is_quoted(tmp_path: Path) -> None:
    log = tmp_path / "engine.log"
    log.write_bytes(b"loading\nGGML_ASSERT(n > 0) failed\n\xff noise\n")
    assert "GGML_ASSERT(n > 0) failed" in ProcessOutcome(-signal.SIGABRT, log).sentence


def test_a_chatty_log_without_errors_says_nothing(tmp_path: Path) -> None:
    log = tmp_path / "engine.log"
    log.write_text("sched_reserve: took 8 ms\n")
    assert "sched" not in ProcessOutcome(-signal.SIGKILL, log).sentence


def test_the_place_of_a_ggml_abort_omits_the_build_folders(tmp_path: Path) -> None:
    log = tmp_path / "log"
    place = "/somewhere/ggml/src/ggml-backend.cpp:941: pre-allocated tensor in a buffer that cannot run the operation"
    log.write_text(f"set_abort_callback: call\n{place}\nset_abort_callback: call\n")
    assert ProcessOutcome(1, log).last_words.startswith("ggml-backend.cpp:941: pre-allocated tensor")


def test_text_of_the_user_is_never_in_the_last_error_line(tmp_path: Path) -> None:
    log = tmp_path / "log"
    log.write_text(
        "Traceback (most recent call last):\nregex._regex.error: x\nValueError: bad text: My secret failed\n"
    )
    assert ProcessOutcome(1, log).last_words == "ValueError"
