"""The caret and the edges of a selection exactly where the model writes: nothing that is selected grows, and what is
typed there comes before the next token. With soft breaks and without."""

from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtCore import Qt

from desktop.page import utf16
from desktop.page.chunks import Limits
from desktop.page.contents import written
from tests.desktop.editor.harness import EditorHarness

NewHarness = Callable[..., EditorHarness]
words = st.lists(st.sampled_from(["a", "bc ", "longer ", "\n", "é", "😀", "한 "]), min_size=1, max_size=40).map("".join)
tokens = st.lists(st.sampled_from([" the", ",", "\n", " 한", " 😀", " wordthatislong"]), min_size=1, max_size=6)
quick = settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture(params=[20, 1_500], ids=["broken", "whole"])
def streaming(request: pytest.FixtureRequest, new_harness: NewHarness) -> EditorHarness:
    return new_harness(limit=request.param, size=(300, 300))


def start(harness: EditorHarness, text: str) -> None:
    harness.page.put(written(text, Limits()))
    harness.settle()


def place(data: st.DataObject, text: str) -> int:
    """A position of the text, in units, that parts no character."""
    return utf16.length(text[: data.draw(st.integers(0, len(text)))])


@given(text=words, batches=st.lists(tokens, min_size=1, max_size=3), data=st.data())
@quick
def test_a_selection_beside_the_stream_keeps_its_text(
    streaming: EditorHarness, text: str, batches: list[list[str]], data: st.DataObject
) -> None:
    start(streaming, text)
    at, other = place(data, text), place(data, text)
    anchor, caret = (at, other) if data.draw(st.booleans()) else (other, at)
    streaming.select_from(anchor, caret)
    first, last = streaming.editor.page_selection()
    selected = streaming.page.text(first, last)
    streaming.page.begin_generation(streaming.source, at)
    for batch in batches:
        streaming.stream(*batch)
        if data.draw(st.booleans()):
            streaming.settle()
        assert streaming.page.text(*streaming.editor.page_selection()) == selected
    streaming.check()


@given(text=words, batches=st.lists(tokens, min_size=1, max_size=3), typed=st.sampled_from(["x", "xy", "x\ny"]))
@quick
def test_text_typed_at_the_stream_comes_before_the_next_token(
    streaming: EditorHarness, text: str, batches: list[list[str]], typed: str
) -> None:
    start(streaming, text)
    streaming.caret(utf16.length(text))
    wanted = text
    for batch in batches:
        streaming.stream(*batch)
        streaming.type(typed)  # the caret waits at the end, where the model writes
        wanted += "".join(batch) + typed
        streaming.settle()
    assert streaming.page.text() == wanted
    assert streaming.editor.page_position() == streaming.page.length
    streaming.check()


@given(text=words, batch=tokens, data=st.data())
@quick
def test_text_typed_over_a_selection_at_the_stream_replaces_it(
    streaming: EditorHarness, text: str, batch: list[str], data: st.DataObject
) -> None:
    start(streaming, text)
    other = place(data, text)
    end = utf16.length(text)
    streaming.select_from(other, end)
    streaming.stream(*batch)
    if other == end:
        streaming.caret(end)
    streaming.type("x")
    rest = utf16.decode(utf16.encode(text)[: 2 * other])
    assert streaming.page.text() == rest + "x" + "".join(batch)
    streaming.stream(" more")
    assert streaming.page.text() == rest + "x" + "".join(batch) + " more"
    streaming.check()


@given(text=words, batch=tokens, data=st.data())
@quick
def test_composing_at_the_stream_stays_in_one_place(
    streaming: EditorHarness, text: str, batch: list[str], data: st.DataObject
) -> None:
    start(streaming, text)
    at = place(data, text)
    streaming.caret(at)
    streaming.compose("ㅎ")
    streaming.stream(*batch, at=at)
    streaming.compose("하")
    streaming.stream(" more")
    streaming.compose("", "한")
    units = utf16.encode(text)
    before, behind = utf16.decode(units[: 2 * at]), utf16.decode(units[2 * at :])
    assert streaming.page.text() == before + "한" + "".join(batch) + " more" + behind
    streaming.press(Qt.Key.Key_Backspace, "\b")
    assert streaming.page.text() == before + "".join(batch) + " more" + behind
    streaming.check()
