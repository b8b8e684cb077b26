"""A token in the environment is not passed to child processes."""

import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

from models.library.hub import connection_settings, variables

ROOT = Path(__file__).resolve().parents[4]
TOKENS: tuple[str, ...] = (
    "HF_TOKEN",
    "HUGGING_FACE_HUB_TOKEN",
    "HUGGINGFACE_HUB_TOKEN",
    "HUGGINGFACEHUB_API_TOKEN",
    "HF_API_TOKEN",
)
OTHERS: tuple[str, ...] = ("HF_TOKEN_PATH", "HF_HOME", "HF_ENDPOINT", "PATH", "MY_TOKEN_COUNT")


@pytest.fixture(autouse=True)
def nothing_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(variables, "_tokens", {})


def test_tokens_are_taken_out_and_nothing_else(monkeypatch: pytest.MonkeyPatch) -> None:
    given = dict.fromkeys((*TOKENS, *OTHERS), "hf_x")
    variables.take_out_tokens(given)
    assert tuple(given) == OTHERS
    assert {name: variables.own()[name] for name in TOKENS} == dict.fromkeys(TOKENS, "hf_x")


def test_the_hub_is_still_reached_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_x")
    monkeypatch.delenv("HF_ENDPOINT", raising=False)
    variables.take_out_tokens()
    assert "HF_TOKEN" not in os.environ
    assert connection_settings.connection().token == "hf_x"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="only there another process's variables can be read")
def test_no_process_that_the_program_starts_gets_one() -> None:
    given = os.environ | dict.fromkeys(TOKENS, "hf_x")
    command = [sys.executable, "-m", "desktop", "complete", "-m", "scripted:?rate=20", "-p", "x", "-n", "-1"]
    with subprocess.Popen(command, cwd=ROOT, env=given, stdout=subprocess.PIPE) as process:
        try:
            assert process.stdout is not None and process.stdout.read(1)
            (child,) = psutil.Process(process.pid).children()
            assert not [name for name, value in child.environ().items() if value == "hf_x"]
        finally:
            process.terminate()
