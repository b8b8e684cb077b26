"""A page with everything that an export has to handle."""

import math
from dataclasses import replace

import pytest

from desktop.page.page import Page
from desktop.page.sources import Source
from models.engine.events import Span
from tests.desktop.exporting.spans import reading_of, span_of, written


@pytest.fixture
def page() -> Page:
    """Text of the writer, tokens, one character of two tokens, a token cut by a stop string, one that was read."""
    page = Page()
    page.write(0, 0, "Once upon a <time>\n")
    emoji = "🎉".encode()
    two = Span("🎉", (reading_of(emoji[:2], 900), reading_of(emoji[2:], 901, -math.inf)))
    cut = replace(span_of("sto"), cut=True)
    written(page, [span_of("there was"), span_of(" </script>", -12.0), two, span_of("\x00\x1b\r"), cut])
    page.write(page.length, 0, "& the end")
    page.add_readings(0, [span_of("Once")], Source("abc123", kind="read"))
    return page
