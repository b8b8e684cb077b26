"""Control characters from models, names or a hub have no effect on a terminal: on a real one, and in a pipe."""

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from desktop.terminal import records, streams
from tests.desktop.terminal.conftest import ROOT, Inkfall, command, environment
from tests.models.library.conftest import SOUND
from tests.models.library.hub_stand_in import StandIn
from tests.models.tiny import make

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="there is no such terminal")
OBEYED = [*map(chr, {*range(0x20), *range(0x7F, 0xA0)} - {0x09, 0x0A}), *"\u202a\u202b\u202c\u202d\u202e"]
OBEYED += [*"\u2066\u2067\u2068\u2069"]
KEPT = "\n\t é 한글 🙂 \u200d\u200e\u200f\u061c \\ \xa0"
PAYLOAD = "\x1b]52;c;AAAA\x07\x9b2J\u202e\x7f"
SHOWN = "\\x1b]52;c;AAAA\\x07\\x9b2J\\u202e\\x7f"


def on_terminal(*arguments: str, width: int = 200, **changes: str) -> str:
    """The output of `inkfall` with a terminal as both streams."""
    import pty
    import termios

    leader, follower = pty.openpty()
    modes = termios.tcgetattr(follower)
    modes[1] &= ~termios.OPOST  # line ends stay as they are
    termios.tcsetattr(follower, termios.TCSANOW, modes)
    given = environment(COLUMNS=str(width), TERM="xterm", **changes)
    with subprocess.Popen(
        command(*arguments), cwd=ROOT, stdin=subprocess.DEVNULL, stdout=follower, stderr=follower, env=given
    ) as process:
        os.close(follower)
        parts: list[bytes] = []
        while part := _read(leader):
            parts.append(part)
        os.close(leader)
        process.wait(60)
    return b"".join(parts).decode()


def _read(leader: int) -> bytes:
    try:
        return os.read(leader, 1 << 16)
    except OSError:  # the other end is closed
        return b""


def safe(text: str) -> str:
    """The text, in which a terminal obeys nothing but what our own tables and bars say."""
    left = re.sub(r"\x1b\[(?:\d*(?:;\d+)*m|\?25[lh]|2?K|1A)|\r", "", text)
    assert not [letter for letter in OBEYED if letter in left], repr(left)
    return text


# ------------------------------------------------------------------------------------------------ what is escaped


def test_only_control_characters_are_escaped() -> None:
    assert all(re.fullmatch(r"\\x[0-9a-f]{2}|\\u[0-9a-f]{4}", streams.escaped(letter)) for letter in OBEYED)
    assert streams.escaped(KEPT) == KEPT
    assert streams.escaped(PAYLOAD) == SHOWN
    assert streams.on_one_line("a\nb\tc\r") == "a\\x0ab\\x09c\\x0d"


def test_json_escapes_them_and_stays_equal() -> None:
    record = {"text": "".join(map(chr, range(0x2100))) + "\udc9b\ud800", PAYLOAD: [PAYLOAD]}
    line = records.line(record)
    assert json.loads(line) == record
    assert line.count("\n") == 1 and not [letter for letter in [*OBEYED, "\t"] if letter in line]
    assert "\\u009b" in line and "\\u202e" in line and "\u200f" in line
    assert line.encode()  # UTF-8 has bytes for all of it


def test_a_replaced_stream_has_all_other_attributes() -> None:
    below = io.TextIOWrapper(io.BytesIO(), encoding="utf-8", newline="\n")
    stream = streams.Escaping(below)
    print(PAYLOAD, "\x1b", sep="[", end="2J\n", file=stream)  # type: ignore[call-overload]
    stream.writelines(["\x9b", "1m"])
    stream.flush()
    assert stream.encoding == "utf-8" and not stream.isatty() and streams.unescaped(stream) is below  # type: ignore[arg-type]
    assert below.buffer.getvalue().decode() == f"{SHOWN}[\\x1b2J\n\\x9b1m"  # type: ignore[attr-defined]


# ------------------------------------------------------------------------------------------------ a model


@pytest.fixture
def hostile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A model of single bytes, named and described so as to be obeyed, in a home of its own."""
    home = tmp_path / "home"
    monkeypatch.setenv("INKFALL_HOME", str(home))
    (home / "data" / "models").mkdir(parents=True)
    path = home / "data" / "models" / f"evil{PAYLOAD}\nkind  base.gguf"
    make(path, "gpt2", template=f"{{{{ x }}}}{PAYLOAD}\n\tänd", finetune=f"Base{PAYLOAD}")
    data = path.read_bytes()
    path.write_bytes(data.replace(b"Tiny gpt2", "\x1b[2J\u202eno".encode(), 1))  # its own name, as long
    return path


WRITES = ("-n", "400", "--seed", "5", "-p", "x")


def test_a_terminal_gets_the_text_escaped_and_a_pipe_as_it_is(hostile: Path, inkfall: Inkfall) -> None:
    arguments = ("complete", "-m", str(hostile), *WRITES)
    plain = inkfall(*arguments)
    assert plain.status == 0 and any(letter in plain.text for letter in OBEYED[:32])
    shown = on_terminal(*arguments)
    text = shown.rpartition("\x1b[K")[2]
    assert text.removesuffix("\n") == streams.escaped(plain.text).removesuffix("\n")


def test_json_is_the_same_on_both(hostile: Path, inkfall: Inkfall) -> None:
    arguments = ("complete", "-m", str(hostile), *WRITES, "--json")
    lines = inkfall(*arguments).text.splitlines()
    records_ = [json.loads(line) for line in lines]
    assert records_[0]["path"] == str(hostile)
    assert any("\x9b" in record.get("text", "") or "\x1b" in record.get("text", "") for record in records_)
    safe("".join(lines))
    shown = on_terminal(*arguments).rpartition("\x1b[K")[2].splitlines()
    assert [json.loads(line).get("text") for line in shown] == [record.get("text") for record in records_]


@pytest.mark.parametrize(
    "arguments",
    [
        ("models", "list"),
        ("inspect", "MODEL"),
        ("inspect", "--template", "MODEL"),
        ("inspect", "--release", "MODEL"),
        ("inspect", "--json", "MODEL"),
        ("doctor", "-m", "MODEL"),
        ("score", "-m", "MODEL", "-f", "TEXT"),
        ("models", "remove", "--permanent", "MODEL"),
    ],
    ids=lambda arguments: " ".join(arguments),
)
def test_each_command_on_a_terminal(hostile: Path, tmp_path: Path, arguments: tuple[str, ...]) -> None:
    text = tmp_path / f"text{PAYLOAD}"
    text.write_text(f"a {PAYLOAD}", encoding="utf-8")
    names = {"MODEL": str(hostile), "TEXT": str(text)}
    text = safe(on_terminal(*(names.get(word, word) for word in arguments), width=2_000))
    assert "x1b" in text or "\\u001b" in text or "--release" in arguments  # which takes such letters out
    assert "\nkind  base.gguf" not in text  # a name forges no line of ours


def test_facts_and_tables_in_a_pipe_are_escaped(hostile: Path, inkfall: Inkfall) -> None:
    for arguments in (("models", "list"), ("inspect", str(hostile))):
        assert SHOWN in safe(inkfall(*arguments).text)


# ------------------------------------------------------------------------------------------------ errors


@pytest.mark.parametrize(
    "arguments",
    [
        ("inspect", f"/none{PAYLOAD}\ninkfall: forged.gguf"),
        ("complete", "-m", f"/none{PAYLOAD}\ninkfall: forged.gguf"),
        ("score", "-f", f"/none{PAYLOAD}\ninkfall: forged"),
        ("complete", f"--none{PAYLOAD}\ninkfall: forged"),
        ("complete", "--top", f"{PAYLOAD}\ninkfall: forged"),
        ("complete", "--flash-attn", f"{PAYLOAD}\ninkfall: forged"),
        ("models", "remove", f"{PAYLOAD}\ninkfall: forged"),
        ("models", "show", f"{PAYLOAD}\ninkfall: forged"),
        ("models", f"{PAYLOAD}\ninkfall: forged"),
    ],
    ids=lambda arguments: arguments[0] + (arguments[1] if arguments[1][0] == "-" else ""),
)
def test_errors_are_always_escaped(inkfall: Inkfall, arguments: tuple[str, ...]) -> None:
    answer = inkfall(*arguments)
    assert answer.status in (1, 2)
    written = safe(answer.errors)
    assert "x1b" in written and "\ninkfall: forged" not in written
    safe(on_terminal(*arguments))


def test_an_uncaught_error(tmp_path: Path) -> None:
    code = (
        "import sys; from desktop.terminal import command_line; from desktop.__main__ import main\n"
        "def fails(_): raise ValueError(sys.argv[1])\n"
        "command_line.module = fails; main(['doctor'])"
    )
    done = subprocess.run([sys.executable, "-c", code, PAYLOAD], capture_output=True, text=True, check=False, cwd=ROOT)
    assert f"ValueError: {SHOWN}\n" in safe(done.stderr)


# ------------------------------------------------------------------------------------------------ a hub


@pytest.fixture
def hub() -> Iterator[StandIn]:
    hub = StandIn()
    model = SOUND.encode()
    tags = ["gguf", f"license:{PAYLOAD}", f"base_model:{PAYLOAD}"]
    facts = {"total": 2_000_000, "architecture": PAYLOAD, "context_length": 512}
    hub.add("maker/Evil-GGUF", {"Evil.Q4_K_M.gguf": model}, tags=tags, gguf=facts)
    yield hub
    hub.close()


@pytest.fixture
def ask(hub: StandIn, tmp_path: Path) -> Callable[..., str]:
    own = {"INKFALL_HOME": str(tmp_path / "home"), "HF_HOME": str(tmp_path / "hf"), "HF_ENDPOINT": hub.endpoint}
    return lambda *arguments: on_terminal("models", *arguments, width=2_000, **own)


@pytest.mark.parametrize("arguments", [("search", "gguf"), ("show", "maker/Evil-GGUF")])
def test_answers_of_the_hub_are_escaped(ask: Callable[..., str], arguments: tuple[str, ...]) -> None:
    assert "x1b]52" in safe(ask(*arguments))


def test_a_download_still_shows_its_bar(ask: Callable[..., str]) -> None:
    written = ask("get", "maker/Evil-GGUF")
    assert "Evil.Q4_K_M.gguf\n" in safe(written) and "100%" not in written and "\x1b[" in written
