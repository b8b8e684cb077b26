"""The flags: each knob of the chain has one, with its own bounds."""

import argparse
from dataclasses import fields
from pathlib import Path

import pytest

from desktop.settings.fields import Settings
from desktop.settings.file import SettingsFile
from desktop.terminal import flags
from desktop.terminal.exit_status import TerminalError
from models.library.app_dirs import AppDirs
from models.library.load_options import LoadOptions
from models.sampling import presets
from models.sampling.knobs import NEUTRAL, Sampling


def parse(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    flags.add_sampling(parser)
    flags.add_model(parser)
    return parser.parse_args(arguments)


def refused(capsys: pytest.CaptureFixture[str], *arguments: str) -> str:
    with pytest.raises(SystemExit) as ended:
        parse(*arguments)
    assert ended.value.code == 2
    return capsys.readouterr().err.splitlines()[-1]


def test_without_flags_everything_is_neutral() -> None:
    assert flags.sampling(parse()) == NEUTRAL
    assert flags.load_options(parse()) == LoadOptions()


@pytest.mark.parametrize("name", [f.name for f in fields(Sampling) if "low" in f.metadata])
def test_every_knob_has_its_flag_and_keeps_its_type(name: str) -> None:
    field = next(f for f in fields(Sampling) if f.name == name)
    for value in (field.metadata["low"], field.metadata["high"]):
        got = getattr(flags.sampling(parse(f"--{field.metadata['flag']}", str(value))), name)
        assert got == value
        assert type(got) is type(field.default)


@pytest.mark.parametrize("name", [f.name for f in fields(Sampling) if "low" in f.metadata])
def test_every_knob_refuses_values_out_of_bounds(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    field = next(f for f in fields(Sampling) if f.name == name)
    for value in (field.metadata["low"] - 1, field.metadata["high"] + 1):
        assert "is not between" in refused(capsys, f"--{field.metadata['flag']}={value}")
    for text in ("nan", "", "many", "inf"):
        assert field.metadata["flag"] in refused(capsys, f"--{field.metadata['flag']}={text}")


def test_switches_and_stop_strings() -> None:
    found = flags.sampling(parse("--allow-control", "--ignore-eos", "--stop", "END", "--stop", "\n\n"))
    assert found == Sampling(allow_control=True, ignore_eos=True, stop=("END", "\n\n"))


@pytest.mark.parametrize(
    ("given", "breakers"), [((), NEUTRAL.dry_breakers), (("none",), ()), ((".", "\n"), (".", "\n"))]
)
def test_dry_breakers_replace_the_usual_ones(given: tuple[str, ...], breakers: tuple[str, ...]) -> None:
    arguments = [word for text in given for word in ("--dry-sequence-breaker", text)]
    assert flags.sampling(parse(*arguments)).dry_breakers == breakers


def test_a_preset_is_the_beginning_and_other_flags_change_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = flags.sampling(parse("--preset", "LLAMA.cpp", "--top-k", "0", "--stop", "x"))
    assert found == Sampling(temperature=0.8, top_p=0.95, min_p=0.05, stop=("x",))
    monkeypatch.setattr(flags, "app_dirs", lambda: AppDirs(*[tmp_path] * len(fields(AppDirs))))
    mine = presets.saved((), "Mine", Sampling(top_k=7, banned=("delve",), ignore_eos=True))
    SettingsFile(tmp_path / "settings.json").save(Settings(presets=mine))
    assert flags.sampling(parse("--preset", "mine")) == Sampling(top_k=7, banned=("delve",))
    with pytest.raises(TerminalError, match=r"There is no preset “other”\. There are: Neutral, .*, Mine"):
        flags.sampling(parse("--preset", "other"))


def test_a_long_stop_string_is_taken_as_it_is() -> None:
    assert flags.sampling(parse("--stop", "x" * 10_000)).stop == ("x" * 10_000,)


def test_load_options(capsys: pytest.CaptureFixture[str]) -> None:
    options = parse("--ctx-size", "512", "--threads", "1", "--gpu-layers", "0", "--device", "cpu")
    assert flags.load_options(options) == LoadOptions(512, 1, 0, "cpu")
    options = parse("--device", "CUDA0,CUDA1", "--cache-type-k", "q8_0", "--cache-type-v", "q8_0", "--flash-attn", "on")
    assert flags.load_options(options) == LoadOptions(0, 0, -1, "CUDA0,CUDA1", "q8_0", "on")
    assert flags.load_options(parse("--cache-type-v", "q8_0")).cache_type == "q8_0"
    with pytest.raises(TerminalError, match="one type"):
        flags.load_options(parse("--cache-type-k", "q8_0", "--cache-type-v", "f16"))
    assert "ctx-size" in refused(capsys, "--ctx-size", "-1")
    assert "gpu-layers" in refused(capsys, "--gpu-layers", "-2")


def test_lengths() -> None:
    assert flags.length("5") == 5
    assert flags.length("-1") == flags.ENDLESS
    for wrong in ("0", "-2", "1.5", "x"):
        with pytest.raises(argparse.ArgumentTypeError):
            flags.length(wrong)


def test_bias_entries_are_taken_as_they_are_written() -> None:
    found = flags.sampling(parse("--bias", " the=-inf", "--bias=-=2", "--bias", "id:123=-0.5"))
    assert found == Sampling(bias=(" the=-inf", "-=2", "id:123=-0.5"))


def test_a_bias_that_is_none_is_a_sentence() -> None:
    with pytest.raises(TerminalError, match=r"^A bias is TEXT=NUMBER or id:123=NUMBER, not “the”\.$"):
        flags.sampling(parse("--bias", "the"))


def test_a_grammar_comes_as_text_or_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "rules.gbnf"
    file.write_text('root ::= "é"\n', "utf-8")
    assert flags.sampling(parse("--grammar", 'root ::= "a"')).grammar == 'root ::= "a"'
    assert flags.sampling(parse("--grammar-file", str(file))).grammar == 'root ::= "é"\n'
    assert flags.sampling(parse("--grammar", "")) == NEUTRAL


def test_a_mistake_in_a_grammar_is_told_with_its_line(tmp_path: Path) -> None:
    with pytest.raises(TerminalError, match=r"^Line 2 of the grammar: .* \(--grammar\)$"):
        flags.sampling(parse("--grammar", 'root ::= "a"\nx ::= "b"{2,1}'))
    with pytest.raises(TerminalError, match="not both"):
        flags.sampling(parse("--grammar", "root ::= .", "--grammar-file", "x"))
    with pytest.raises(TerminalError, match=r"nothing\.gbnf cannot be read"):
        flags.sampling(parse("--grammar-file", str(tmp_path / "nothing.gbnf")))
