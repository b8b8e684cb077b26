"""The declared settings are consistent."""

from dataclasses import fields

import pytest

from desktop.settings.fields import RECENT, Settings, for_dialog, info_of, with_recent
from desktop.settings.json_values import from_json, kinds, to_json


def test_every_default_fits_its_own_bounds() -> None:
    types_of = kinds(Settings)
    for one in fields(Settings):
        value = getattr(Settings(), one.name)
        if one.name != "sampling":
            assert from_json(to_json(value), types_of[one.name], info_of(one)) == value


def test_fields_of_the_dialog_have_labels_and_help() -> None:
    assert {"theme", "font_family", "font_size"} <= {one.name for one in for_dialog()}
    for one in for_dialog():
        assert info_of(one).help.endswith(".")
        assert info_of(one).group


@pytest.mark.parametrize("opened", ["a", "new"])
def test_recent_models_are_newest_first_and_each_once(opened: str) -> None:
    recent = with_recent(("b", "a", "c"), opened)
    assert recent[0] == opened
    assert len(set(recent)) == len(recent)
    assert len(with_recent(tuple(map(str, range(50))), "x")) == RECENT
