"""Dates as text."""

from datetime import datetime

from resources.dates import day


def test_a_day_has_no_idle_zero() -> None:
    assert day(datetime(2026, 11, 3, 12).timestamp()) == "3 November 2026"


def test_every_month() -> None:
    months = [day(datetime(2024, number, 29).timestamp()).split()[1] for number in range(1, 13)]
    assert months[0] == "January" and months[6] == "July" and months[11] == "December"
    assert len(set(months)) == 12
