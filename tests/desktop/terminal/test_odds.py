"""`inkfall odds`, in real processes: against `complete`, `score`, and itself."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.models import tiny

Inkfall = Callable[..., Any]
SCRIPTED = ("odds", "--model", "scripted:")
SMALL = ("--ctx-size", "256", "--threads", "1")


@pytest.fixture
def tiny_llama(tmp_path: Path) -> Path:
    return tiny.make(tmp_path / "llama.gguf", "llama")


@pytest.fixture
def tiny_gpt2(tmp_path: Path) -> Path:
    return tiny.make(tmp_path / "gpt2.gguf", "gpt2")


def alternatives(inkfall: Inkfall, *arguments: str) -> list[dict[str, Any]]:
    """The alternatives of the first token that `complete` writes."""
    records = inkfall("complete", *arguments, "--json", "--top", "12", "--max-tokens", "1").records
    return next(record for record in records if record["type"] == "token")["top"][:11]


@pytest.mark.parametrize(
    "sampling", [(), ("--top-k", "3", "--temperature", "0.5"), ("--min-p", "0.1", "--allow-control")]
)
def test_rows_are_the_alternatives_of_complete(inkfall: Inkfall, sampling: tuple[str, ...]) -> None:
    prompt = ("--model", "scripted:", "--prompt", "The keeper", *sampling)
    start, *rows, chain, end = inkfall("odds", *prompt, "--json", "--top", "11").records
    assert chain["type"] == "chain" and 0 < chain["held"] <= 1 and chain["divergence"] >= 0 and chain["left"] > 2
    assert (start["type"], end["type"], end["reason"]) == ("start", "end", "done")
    assert [row["rank"] for row in rows] == list(range(1, 12)) and {row["type"] for row in rows} == {"odds"}
    shown = [{name: row[name] for name in ("id", "text", "logprob", "final", "cut")} for row in rows]
    assert shown == alternatives(inkfall, *prompt)


def test_a_string_is_what_score_says_of_it(inkfall: Inkfall, tiny_llama: Path) -> None:
    model = ("--model", str(tiny_llama), *SMALL)
    prompt, text = "once upon a time", " the house on the river"
    answer = inkfall("odds", *model, "--prompt", prompt, "--string", text, "--string", " the", "--json", "--top", "500")
    first, second = (record for record in answer.records if record["type"] == "string")
    tokens = [r for r in inkfall("score", *model, "-", "--json", stdin=(prompt + text).encode()).records if "id" in r]
    last = tokens[-len(first["tokens"]) :]
    assert [token["id"] for token in first["tokens"]] == [record["id"] for record in last]
    assert first["logprob"] == pytest.approx(sum(record["logprob"] for record in last), abs=0.05)
    assert first["bits"] == pytest.approx(-first["logprob"] / math.log(2))
    begins = sum(math.exp(r["logprob"]) for r in answer.records if r["type"] == "odds" and r["text"].startswith(" the"))
    assert math.exp(second["begins"]) == pytest.approx(begins, rel=1e-4) and first["begins"] is None
    assert first["text"] == text == "".join(token["text"] for token in first["tokens"])
    row = next(r for r in answer.records if r["type"] == "odds" and r["id"] == second["tokens"][0]["id"])
    assert row["rank"] == second["rank"] and row["logprob"] == pytest.approx(second["logprob"], abs=1e-5)


def test_tables_have_tabs_when_piped(inkfall: Inkfall) -> None:
    answer = inkfall(
        *SCRIPTED, "--prompt", "The", "--top", "4", "--top-k", "2", "--string", " keeper", "--string", "\n"
    )
    assert answer.status == 0 and answer.errors == ""
    head, *rows, above, effect, left, empty, strings, keeper, line = answer.text.splitlines()
    assert head.split("\t") == ["rank", "token", "id", "probability", "final", "bits", "cut by"]
    cells = [row.split("\t") for row in rows]
    assert [row[0] for row in cells] == ["1", "2", "3", "4"] and [row[6] for row in cells] == ["", "", "top-k", "top-k"]
    assert [row[4] for row in cells[2:]] == ["", ""]
    assert sum(float(row[4].rstrip("%")) for row in cells[:2]) == pytest.approx(100, abs=0.01)
    assert above == "" and effect.split("\t")[0] == "tokens left" and left.split("\t")[0] == "2"
    assert float(left.split("\t")[1].rstrip("%")) == pytest.approx(sum(float(row[3].rstrip("%")) for row in cells[:2]))
    assert empty == "" and strings.split("\t")[0] == "text"
    assert keeper.split("\t")[:2] == ["' keeper'", "' keeper'"] and line.startswith("'\\n'")


def test_no_rows_and_every_row(inkfall: Inkfall) -> None:
    assert inkfall(*SCRIPTED, "--prompt", "The", "--top", "0").text == ""
    alone = inkfall(*SCRIPTED, "--prompt", "The", "--top", "0", "--string", " keeper").text
    assert len(alone.splitlines()) == 2
    rows = [
        r for r in inkfall(*SCRIPTED, "-", "--top", "16777216", "--json", stdin=b"The").records if r["type"] == "odds"
    ]
    assert sum(math.exp(row["logprob"]) for row in rows) == pytest.approx(1, abs=1e-4)
    assert len({row["id"] for row in rows}) == len(rows) > 300
    assert inkfall(*SCRIPTED, "--top", "-1").status == 2


def test_without_a_prompt_the_model_begins_by_itself(inkfall: Inkfall) -> None:
    start, *rows, _, _ = inkfall(*SCRIPTED, "--json").records
    assert len(start["prompt_tokens"]) == 1 and len(rows) == 10
    assert inkfall(*SCRIPTED, "--prompt", "", "--json").records[1:-2] == rows


def test_a_model_that_cannot_begin_by_itself_says_so(inkfall: Inkfall, tiny_gpt2: Path) -> None:
    answer = inkfall("odds", "--model", str(tiny_gpt2), *SMALL)
    assert answer.status == 1 and "cannot start from nothing" in answer.errors and answer.text == ""


def test_a_prompt_that_is_too_long_is_cut_with_a_warning(inkfall: Inkfall) -> None:
    arguments = (*SCRIPTED, "--ctx-size", "64", "-", "--top", "1")
    answer = inkfall(*arguments, stdin=b"boat " * 200)
    assert answer.status == 0 and "tokens are not seen" in answer.errors and len(answer.text.splitlines()) == 5
    long = inkfall(*arguments, "--string", "boat " * 100, stdin=b"boat")
    assert long.status == 1 and "does not fit into the model's context of 64" in long.errors


@pytest.mark.parametrize("strings", [("--string", ""), ("--string", " keeper", "--string=")])
def test_an_empty_string_is_a_sentence(inkfall: Inkfall, strings: tuple[str, ...]) -> None:
    answer = inkfall(*SCRIPTED, "--prompt", "The", *strings)
    assert answer.status == 1 and answer.errors.startswith("inkfall: An empty string has no odds") and not answer.text


def test_bytes_that_are_no_text_are_a_sentence(inkfall: Inkfall) -> None:
    answer = inkfall(*SCRIPTED, "--prompt", "The", "--string", "\udcff")
    assert (answer.status, answer.errors) == (1, "inkfall: A string is not valid UTF-8 text.\n")


def test_what_a_terminal_obeys_is_escaped(inkfall: Inkfall) -> None:
    answer = inkfall(*SCRIPTED, "--prompt", "The", "--string", "\x1b[31m\u202e", "--top", "0")
    assert answer.status == 0 and "\x1b" not in answer.text and "\u202e" not in answer.text


@pytest.mark.starter
def test_the_starter_finds_paris_likely(starter: Path, inkfall: Inkfall) -> None:
    options = ("odds", "--model", str(starter), *SMALL, "--prompt", "The capital of France is", "--json", "--top", "0")
    paris, rome = inkfall(*options, "--string", " Paris", "--string", " Rome").records[2:4]
    assert paris["logprob"] > rome["logprob"] and len(paris["tokens"]) == 1


def test_a_bias_bans_and_favours_tokens(inkfall: Inkfall) -> None:
    def rows(*options: str) -> list[dict[str, Any]]:
        found = inkfall(*SCRIPTED, "--prompt", "The", "--json", "--allow-control", *options)
        assert found.status == 0 and found.errors == ""
        return [row for row in found.records if row["type"] == "odds"]

    first, second, *_ = neutral = rows()
    changed = rows("--bias", f"id:{first['id']}=-inf", "--bias", f"{second['text']}=1")
    assert [row["logprob"] for row in changed] == [row["logprob"] for row in neutral]
    assert (changed[0]["cut"], changed[0]["final"]) == ("bias", None)
    rest = 1 - math.exp(first["logprob"]) - math.exp(second["logprob"])
    favoured = math.exp(second["logprob"] + 1)
    assert math.exp(changed[1]["final"]) == pytest.approx(favoured / (favoured + rest), abs=1e-5)


@pytest.mark.parametrize(("entry", "words"), [("the", "A bias is TEXT=NUMBER"), ("\udcff=1", "tokens of this model")])
def test_a_bias_of_no_token_is_a_sentence(inkfall: Inkfall, entry: str, words: str) -> None:
    answer = inkfall(*SCRIPTED, "--prompt", "The", "--bias", entry)
    assert answer.status == 1 and words in answer.errors and not answer.text


def test_a_bias_of_several_tokens_points_to_the_option_for_texts(inkfall: Inkfall) -> None:
    answer = inkfall(*SCRIPTED, "--prompt", "The", "--bias", "quixotic zebras=-inf")
    assert answer.status == 1 and answer.errors.endswith("To ban a text of several tokens, use --ban.\n")


@pytest.mark.parametrize("command", ["complete", "odds"])
def test_flags_that_are_wrong_are_told_before_a_model_is_looked_for(inkfall: Inkfall, command: str) -> None:
    answer = inkfall(command, "--model", "none such", "--prompt", "The", "--bias", "the")
    assert answer.status == 1 and "A bias is TEXT=NUMBER" in answer.errors and answer.errors.count("\n") == 1
