"""Joins and verifies the starter model: small pieces for the faults, the real packages for the whole."""

import hashlib
import os
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from models.library import starter as starter_model
from models.library.app_dirs import under
from models.library.local_models import local_models
from models.library.starter import FILE, SHA256, SIZE, StarterError, install, installed, parts, terms

CONTENT = b"abc" * 1000
SUM = hashlib.sha256(CONTENT).hexdigest()


@pytest.fixture
def pieces(tmp_path: Path) -> list[Path]:
    folder = tmp_path / "pieces"
    folder.mkdir()
    made = []
    for number, start in enumerate(range(0, len(CONTENT), 1000)):
        made.append(folder / f"x.part{number:02}")
        made[-1].write_bytes(CONTENT[start : start + 1000])
    return made


def test_joins_in_order_and_reports_progress(tmp_path: Path, pieces: list[Path]) -> None:
    progress: list[tuple[int, int]] = []
    path = install(tmp_path / "models", pieces, lambda done, size: progress.append((done, size)), SUM, len(CONTENT))
    assert path.read_bytes() == CONTENT
    assert progress == [(1000, 3000), (2000, 3000), (3000, 3000)]
    assert [file.name for file in path.parent.iterdir()] == [FILE]


def test_damaged_pieces_leave_nothing_behind(tmp_path: Path, pieces: list[Path]) -> None:
    pieces[1].write_bytes(b"x" * 1000)
    with pytest.raises(StarterError, match="sha256"):
        install(tmp_path / "models", pieces, None, SUM, len(CONTENT))
    assert list((tmp_path / "models").iterdir()) == []


def test_an_older_file_stays_when_the_new_one_is_damaged(tmp_path: Path, pieces: list[Path]) -> None:
    (tmp_path / FILE).write_bytes(b"older")
    with pytest.raises(StarterError):
        install(tmp_path, pieces[:2], None, SUM, len(CONTENT))
    assert (tmp_path / FILE).read_bytes() == b"older"


def test_a_full_disk_is_reported_before_anything_is_written(tmp_path: Path, pieces: list[Path]) -> None:
    with pytest.raises(StarterError, match="free disk"):
        install(tmp_path / "models", pieces, None, SUM, 1 << 60)


def test_a_folder_that_cannot_be_made(tmp_path: Path, pieces: list[Path]) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StarterError, match="could not be written"):
        install(tmp_path / "file" / "models", pieces, None, SUM, len(CONTENT))


def test_a_missing_package_has_its_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(starter_model, "PART_PACKAGES", ("no-such-package-part1",))
    with pytest.raises(StarterError, match=r"no-such-package-part1 is missing \(install inkfall\[starter\]\)"):
        parts()


def test_installed_goes_by_name_and_size(tmp_path: Path) -> None:
    assert installed(tmp_path) is None
    (tmp_path / FILE).write_bytes(b"short")
    assert installed(tmp_path) is None


def test_the_packages_say_the_same_hash() -> None:
    files = metadata.distribution(starter_model.PACKAGE).files or []
    sums = next(Path(str(file.locate())) for file in files if file.name == "SHA256SUMS").read_text()
    assert sums.split()[0] == SHA256
    assert sum(piece.stat().st_size for piece in parts()) == SIZE
    assert [piece.suffix for piece in parts()] == [".part00", ".part01", ".part02", ".part03"]


def test_the_terms_are_found() -> None:
    text = terms()
    assert text.startswith("Last modified: ") and "Section 1: DEFINITIONS" in text
    assert text.endswith("the rest of this Agreement shall remain in full force and effect.") or len(text) > 5_000
    for stray in ("<", "Skip to main content", "Sign in", "Was this helpful", "GGUF", "`"):
        assert stray not in text


def test_the_packages_own_code_is_never_imported() -> None:
    code = (
        "import sys; from models.library import starter; starter.parts(); starter.terms();"
        "sys.exit(any(name.startswith('gemma3') for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.starter
def test_the_starters_bytes_are_the_published_ones(starter: Path) -> None:
    with starter.open("rb") as file:
        assert hashlib.file_digest(file, "sha256").hexdigest() == SHA256


def test_a_packaged_program_brings_it_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is joined then; one that was joined before comes first."""
    monkeypatch.setattr(starter_model, "CARRIED", tmp_path / "carried")
    assert starter_model.carried() is None
    (tmp_path / "carried").mkdir()
    whole = tmp_path / "carried" / FILE
    whole.touch()
    os.truncate(whole, starter_model.SIZE)
    assert starter_model.carried() == whole
    assert installed(tmp_path / "models") == whole
    assert [model.path for model in local_models(under(tmp_path / "home"), {"HF_HOME": str(tmp_path)})] == [whole]
    (tmp_path / "models").mkdir()
    whole.rename(tmp_path / "models" / FILE)
    assert installed(tmp_path / "models") == tmp_path / "models" / FILE


@pytest.mark.parametrize(("frozen", "sentence"), [(False, r"install inkfall\[starter\]"), (True, "came without")])
def test_without_a_starter_the_sentence_says_what_to_do(
    monkeypatch: pytest.MonkeyPatch, frozen: bool, sentence: str
) -> None:
    monkeypatch.setattr(starter_model, "PART_PACKAGES", ("no-such-package",))
    if frozen:
        monkeypatch.setattr(sys, "frozen", True, raising=False)
    with pytest.raises(StarterError, match=sentence):
        parts()
