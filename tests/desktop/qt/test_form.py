"""A form whose values also change elsewhere."""

from typing import Any

import pytest

from desktop.qt.form import Form

Boxes = dict[str, Any]


@pytest.fixture
def boxes() -> Boxes:
    return {"size": 0.0, "name": ""}


@pytest.fixture
def form(boxes: Boxes) -> Form:
    """A form with two editors; the one of the size rounds to whole numbers."""
    form = Form()
    form.add("size", lambda: boxes["size"], lambda value: boxes.update(size=round(value)))
    form.add("name", lambda: boxes["name"], lambda value: boxes.update(name=value))
    form.follow({"size": 12.4, "name": "a"})
    return form


def test_rounding_is_no_change(form: Form, boxes: Boxes) -> None:
    assert boxes == {"size": 12, "name": "a"} and form.changes == {}


def test_changes_of_the_user_stay_and_the_rest_follows(form: Form, boxes: Boxes) -> None:
    boxes["name"] = "mine"
    form.follow({"size": 20.2, "name": "theirs"})
    assert boxes == {"size": 20, "name": "mine"} and form.changes == {"name": "mine"}


def test_a_reverted_change_is_no_change(form: Form, boxes: Boxes) -> None:
    boxes["name"] = "mine"
    boxes["name"] = "a"
    form.follow({"size": 12.4, "name": "theirs"})
    assert boxes["name"] == "theirs" and form.changes == {}


def test_a_saved_change_is_no_change(form: Form, boxes: Boxes) -> None:
    boxes["name"] = "mine"
    form.follow({"size": 12.4, "name": "mine"})
    assert form.changes == {}
    form.follow({"size": 12.4, "name": "theirs"})
    assert boxes["name"] == "theirs"


def test_a_chosen_value_is_a_change_even_if_equal(form: Form, boxes: Boxes) -> None:
    form.choose({"size": 12, "name": "a"})
    assert form.changes == {"size": 12, "name": "a"}
    form.follow({"size": 30, "name": "theirs"})
    assert boxes == {"size": 12, "name": "a"}


def test_a_value_given_anew_replaces_a_change(form: Form, boxes: Boxes) -> None:
    boxes.update(size=5, name="mine")
    form.follow({"size": 12.4, "name": "theirs"}, {"name"})
    assert boxes == {"size": 5, "name": "theirs"} and form.changes == {"size": 5}
