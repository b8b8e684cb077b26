"""Where things are kept, and the override that tests and portable use need."""

from pathlib import Path

from models.library.places import of_the_system, places


def test_the_override_puts_everything_into_one_folder(tmp_path: Path) -> None:
    home = tmp_path / "ünï cødé"
    found = places({"INKFALL_HOME": str(home)})
    assert (found.data, found.config, found.cache, found.log) == tuple(
        home / name for name in ("data", "config", "cache", "log")
    )
    assert found.models == home / "data" / "models"
    assert not home.exists()


def test_without_it_the_system_says_where() -> None:
    assert places({}) == of_the_system()
    assert places({"INKFALL_HOME": ""}) == of_the_system()
    assert all("inkfall" in str(folder) for folder in (of_the_system().data, of_the_system().config))


def test_a_relative_override_does_not_move_with_the_working_folder() -> None:
    assert places({"INKFALL_HOME": "here"}).data == Path.cwd() / "here" / "data"


def test_the_tests_themselves_never_touch_the_users_folders(own_home: Path) -> None:
    assert places().data == own_home / "data"
