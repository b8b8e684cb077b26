"""The program's folders, and the variable that overrides them for tests and portable use."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from models.library.app_dirs import app_dirs, of_the_system, repo_folder, repo_of


def test_the_override_puts_everything_into_one_folder(tmp_path: Path) -> None:
    home = tmp_path / "ünï cødé"
    found = app_dirs({"INKFALL_HOME": str(home)})
    assert (found.data, found.config, found.cache, found.log) == tuple(
        home / name for name in ("data", "config", "cache", "log")
    )
    assert found.models == home / "data" / "models"
    assert not home.exists()


def test_without_it_the_system_says_where() -> None:
    assert app_dirs({}) == of_the_system()
    assert app_dirs({"INKFALL_HOME": ""}) == of_the_system()
    assert all("inkfall" in str(folder) for folder in (of_the_system().data, of_the_system().config))


def test_a_relative_override_does_not_move_with_the_working_folder() -> None:
    assert app_dirs({"INKFALL_HOME": "here"}).data == Path.cwd() / "here" / "data"


def test_the_tests_themselves_never_touch_the_users_folders(own_home: Path) -> None:
    assert app_dirs().data == own_home / "data"


PART = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9._]|-(?!-)){0,12}[A-Za-z0-9]", fullmatch=True)


@given(owner=PART, name=PART)
def test_a_repository_is_found_by_its_folder(owner: str, name: str) -> None:
    repo, home = f"{owner}/{name}", Path("somewhere")
    assert repo_of(home / repo_folder(repo) / "m.gguf") == repo
    assert repo_of(home / repo_folder(repo) / "Q8_0" / "m.gguf") == repo
    snapshot = home / f"models--{repo_folder(repo)}" / "snapshots" / "0123abc"
    assert repo_of(snapshot / "m.gguf") == repo_of(snapshot / "Q8_0" / "m.gguf") == repo


def test_other_folders_give_none() -> None:
    for path in ("m.gguf", "/m.gguf", "/home/me/models/m.gguf", "/home/--x/m.gguf", "/home/x--/m.gguf"):
        assert repo_of(Path(path)) == ""
