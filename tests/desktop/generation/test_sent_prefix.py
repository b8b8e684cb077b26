"""Code points of what was sent are the right places on the page, whatever was left out."""

from hypothesis import given
from hypothesis import strategies as st

from desktop.generation.sent_prefix import SentPrefix
from desktop.page.chunks import Limits
from desktop.page.contents import written
from desktop.page.excerpt import Excerpt
from desktop.page.page import Page

texts = st.text(alphabet="ab🌊한\n", max_size=30)


@given(texts, texts, texts, st.data())
def test_a_code_point_is_found_where_it_stands(head: str, lost: str, tail: str, data: st.DataObject) -> None:
    page = Page()
    page.put(written(head + lost + tail, Limits()))
    units = [len(part.encode("utf-16-le")) // 2 for part in (head, lost)]
    sent = SentPrefix(page, Excerpt((), units[0], sum(units)) if lost else Excerpt(()))
    whole = head + tail
    for index in data.draw(st.lists(st.integers(0, max(0, len(whole) - 1)), max_size=6)):
        if not whole:
            assert sent.position(0) == (sum(units) if lost else 0)
            continue
        position = sent.position(index)
        assert page.text(position, position + 2)[0] == whole[index]
        assert position < units[0] or position >= sum(units)


def test_it_holds_while_the_end_grows() -> None:
    page = Page()
    page.put(written("🌊 one", Limits()))
    sent = SentPrefix(page, Excerpt(()))
    assert sent.position(2) == 3
    page.write(page.length, 0, " 🌊 two")
    assert sent.position(7) == page.length - 4
    assert sent.position(1) == 2
