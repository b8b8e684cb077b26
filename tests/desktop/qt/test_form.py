"""Editors that others change the values of, too."""

from typing import Any

import pytest

from desktop.qt.form import Form

Boxes = dict[str, Any]


@pytest.fixture
def boxes() -> Boxes:
    return {"size": 0.0, "name": ""}


@pytest.fixture
def form(boxes: Boxes) -> Form:
    """Of two editors; that of the size rounds to whole numbers."""
    form = Form()
    form.add("size", lambda: boxes["size"], lambda value: boxes.update(size=round(value)))
    form.add("name", lambda: boxes["name"], lambda value: boxes.update(name=value))
    form.follow({"size": 12.4, "name": "a"})
    return form


def test_what_an_editor_rounds_is_no_change(form: Form, boxes: Boxes) -> None:
    assert boxes == {"size": 12, "name": "a"} and form.changes == {}


def test_what_a_hand_changed_stays_and_the_rest_follows(form: Form, boxes: Boxes) -> None:
    boxes["name"] = "mine"
    form.follow({"size": 20.2, "name": "theirs"})
    assert boxes == {"size": 20, "name": "mine"} and form.changes == {"name": "mine"}


def test_what_a_hand_took_back_is_no_change(form: Form, boxes: Boxes) -> None:
    boxes["name"] = "mine"
    boxes["name"] = "a"
    form.follow({"size": 12.4, "name": "theirs"})
    assert boxes["name"] == "theirs" and form.changes == {}


def test_what_was_kept_is_no_change_any_more(form: Form, boxes: Boxes) -> None:
    boxes["name"] = "mine"
    form.follow({"size": 12.4, "name": "mine"})
    assert form.changes == {}
    form.follow({"size": 12.4, "name": "theirs"})
    assert boxes["name"] == "theirs"


def test_what_was_chosen_is_a_change_whatever_was_shown(form: Form, boxes: Boxes) -> None:
    form.choose({"size": 12, "name": "a"})
    assert form.changes == {"size": 12, "name": "a"}
    form.follow({"size": 30, "name": "theirs"})
    assert boxes == {"size": 12, "name": "a"}


def test_what_is_new_is_shown_whatever_a_hand_did(form: Form, boxes: Boxes) -> None:
    boxes.update(size=5, name="mine")
    form.follow({"size": 12.4, "name": "theirs"}, {"name"})
    assert boxes == {"size": 5, "name": "theirs"} and form.changes == {"size": 5}
