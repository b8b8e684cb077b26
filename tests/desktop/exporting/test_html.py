"""One HTML file: the whole text, nothing in it that ends a script or loads anything, bounded in size."""

import html as standard
import json
import re
from html.parser import HTMLParser

import pytest

from desktop.exporting import html
from desktop.exporting.export_facts import ExportFacts
from desktop.page.bands import bands
from desktop.page.measures import MEASURES, Measure, with_layer, with_rank_classes
from desktop.page.page import Page
from desktop.page.sources import Source
from tests.desktop.exporting.spans import span_of, written


class Reader(HTMLParser):
    """The text within main, as a browser without a script shows it, and what the tags ask for."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text, self.data, self.links = "", list[str](), list[str]()
        self.classes: list[str] = []
        self._inside = self._script = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        attributes = dict(attrs)
        self._inside |= tag == "main"
        self._script = tag == "script"
        self.links += [f"{name}={value}" for name, value in attrs if name in ("src", "href", "action")]
        if tag == "i" and self._inside:
            self.classes.append(attributes.get("class") or "")

    def handle_endtag(self, tag: str) -> None:
        self._inside &= tag != "main"
        self._script &= tag != "script"

    def handle_data(self, data: str) -> None:
        if self._script and self._inside:
            self.data.append(data)
        elif self._inside:
            self.text += data


ABOUT = ExportFacts("<T>", "gemma")


def read(
    page: Page, tokens: int | None = None, about: ExportFacts = ABOUT, measure: Measure | None = None
) -> tuple[str, Reader]:
    count = page.contents.path.chunks.count(0) if tokens is None else tokens
    written_out = b"".join(html.blocks(page.contents, about, count, measure)).decode()
    reader = Reader()
    reader.feed(written_out)
    return written_out, reader


def test_without_a_script_the_whole_text_is_there(page: Page) -> None:
    _, reader = read(page)
    assert reader.text == page.text().replace("\x00\x1b\r", "␀␛␍")


def test_nothing_is_loaded_and_nothing_breaks_out(page: Page) -> None:
    text, reader = read(page)
    assert reader.links == [] and "http:" not in text and "https:" not in text
    assert "default-src 'none'" in text
    assert text.count("</script>") == len(reader.data) + 1
    assert "<title>&lt;T&gt;</title>" in text and "<T>" not in text


def test_the_readings_stand_beside_their_tokens_in_order(page: Page) -> None:
    _, reader = read(page)
    readings = [run for group in reader.data for run in json.loads(group)]
    assert len(readings) == sum("t" in one.split() for one in reader.classes) == 5
    assert [token[0] for token in readings[1]] == ["there was"]
    assert len(readings[3]) == 2  # a character of two tokens
    _text, logprob, rank, entropy, final, stale, others = readings[1][0]
    assert (logprob, rank, entropy, final, stale) == (-1.5, 2, 1.75, -1.5, 0)
    assert others[2][0] == "</script>" and others[2][3] == "top-k"
    assert [other[4] for other in others] == [0, 1, 0]


def test_colour_follows_surprise(page: Page) -> None:
    _, reader = read(page)
    assert reader.classes[1] == "t m h2"  # 2.2 bits
    assert reader.classes[2] == "t m h11"  # 17.3 bits
    assert reader.classes[0].startswith("t h")  # the writer's own words, read by the model


def test_stale_readings_are_marked(page: Page) -> None:
    page.write(0, 1, "T")
    _, reader = read(page)
    assert all("s" in one.split() for one in reader.classes if "t" in one.split())


def test_the_foot_names_model_and_settings(page: Page) -> None:
    text, _ = read(page)
    assert "gemma" in text
    assert "Temperature: 0.7, Top-k: 40, seed 7" in standard.unescape(text)


@pytest.mark.parametrize("tokens", [html.ALL_ALTERNATIVES + 1, html.SOME_ALTERNATIVES + 1])
def test_a_long_page_has_fewer_readings_and_says_so(page: Page, tokens: int) -> None:
    short, _ = read(page)
    text, reader = read(page, tokens)
    assert reader.text == page.text().replace("\x00\x1b\r", "␀␛␍")
    assert len(text) <= len(short) + 200
    assert "page is" in text and "page is too" not in short
    assert (reader.data == []) == (tokens > html.SOME_ALTERNATIVES)


def test_neighbours_of_one_colour_are_joined_where_only_colours_are_exported() -> None:
    page = Page()
    written(page, [span_of(word, -0.1) for word in ("a", "b", "c")] + [span_of("d", -9.0)])
    _, reader = read(page, html.SOME_ALTERNATIVES + 1)
    assert len(reader.classes) == 2 and reader.text == "abcd"


def test_lone_surrogates_and_noncharacters_are_replaced_in_html() -> None:
    page = Page()
    page.write(0, 0, "a\ud800b\uffffc\x85")
    text, reader = read(page)
    assert reader.text == "a\ufffdb\ufffdc\ufffd"
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f]", text)


def test_an_empty_page() -> None:
    _, reader = read(Page(), about=ExportFacts())
    assert reader.text == ""


def test_every_word_of_ours_is_put_in_and_says_its_language(page: Page) -> None:
    text, _ = read(page)
    foot = text.partition("</main>")[2]
    assert "<!--" not in foot and "/*" not in foot
    assert '<footer lang="en">' in foot and 'aria-label="Odds"' in foot
    assert "Blue: what the model wrote." in foot and '"cut":"cut by {}"' in foot


@pytest.mark.parametrize("measure", [*MEASURES.values(), with_rank_classes((2, 3, 4))], ids=lambda one: one.name)
def test_tokens_have_the_steps_of_the_page(page: Page, measure: Measure) -> None:
    written_out, reader = read(page, measure=measure)
    numbers = [int(found[1]) for one in reader.classes if (found := re.search(r"h(\d+)", one))]
    assert "var(--heat)" in written_out
    if measure.name == "surprisal":
        assert (written_out, reader.classes) == (read(page)[0], read(page)[1].classes)
        return
    assert standard.escape(measure.labels[0]) in written_out
    if measure.name == "author":
        assert set(numbers) == {3} and all("m" in one for one in reader.classes if "h3" in one)
    else:
        assert [number - 1 for number in numbers] == bands(page, measure, 0, page.length).steps.tolist()


def test_a_difference_of_two_models_is_the_one_of_the_page(page: Page) -> None:
    start = page.text().index("there was")
    page.layers.add(start, [span_of("there", -9.0), span_of(" was", -9.0)], Source("other", "read"), "Other")
    text, reader = read(page, measure=with_layer("other", "Other"))
    assert [one for one in reader.classes if "h" in one.replace("t", "")] == ["t m h5"]
    assert "For Other: likelier by 4 bits" in standard.unescape(text) and "how surprising" not in text
    joined, coloured = read(page, html.SOME_ALTERNATIVES + 1, measure=with_layer("other", "Other"))
    assert "t m h5" in coloured.classes and "has their colours only" in joined
