"""Code points of the sent text become positions on the page, with and without a gap."""

from hypothesis import given
from hypothesis import strategies as st

from desktop.generation.sent_prefix import SentPrefix
from desktop.page.chunks import Limits
from desktop.page.contents import written
from desktop.page.excerpt import Excerpt
from desktop.page.page import Page

texts = st.text(alphabet="ab🌊한\n", max_size=30)


@given(texts, texts, texts, st.data())
def test_a_code_point_has_its_position(head: str, gap: str, tail: str, data: st.DataObject) -> None:
    page = Page()
    page.put(written(head + gap + tail, Limits()))
    units = [len(part.encode("utf-16-le")) // 2 for part in (head, gap)]
    sent = SentPrefix(page, Excerpt((), units[0], sum(units)) if gap else Excerpt(()))
    sent_text = head + tail
    for index in data.draw(st.lists(st.integers(0, max(0, len(sent_text) - 1)), max_size=6)):
        if not sent_text:
            assert sent.position(0) == (sum(units) if gap else 0)
            continue
        position = sent.position(index)
        assert page.text(position, position + 2)[0] == sent_text[index]
        assert position < units[0] or position >= sum(units)


def test_positions_hold_while_the_end_grows() -> None:
    page = Page()
    page.put(written("🌊 one", Limits()))
    sent = SentPrefix(page, Excerpt(()))
    assert sent.position(2) == 3
    page.write(page.length, 0, " 🌊 two")
    assert sent.position(7) == page.length - 4
    assert sent.position(1) == 2
