"""Extracts the text of an HTML document: its article, without navigation, menus and scripts."""

import re
from html.parser import HTMLParser

_BLOCKS = frozenset(
    {"p", "div", "section", "ul", "ol", "table", "tr", "blockquote", "pre", "h1", "h2", "h3", "h4", "h5"}
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_SILENT = frozenset({"script", "style", "template", "nav", "header", "footer", "noscript", "button", "aside", "head"})
_VOID = frozenset(
    {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
)
_ARTICLE = re.compile(r"\b[\w-]*article-body\b")


class _Reader(HTMLParser):
    """Collects paragraphs of the element whose class names an article's body, and of all elements."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.article: list[str] = []
        self.everything: list[str] = []
        self._open: list[tuple[str, bool, bool]] = []  # tag, whether it is silent, whether it is an article's body
        self._words = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "br":
            self._words += "\n"
        if tag in _VOID:
            return
        self._break(tag)
        if tag == "li":
            self._words = "• "
        named = any(name == "class" and _ARTICLE.search(value or "") for name, value in attrs)
        self._open.append((tag, tag in _SILENT, named))

    def handle_endtag(self, tag: str) -> None:
        if not any(tag == one for one, _silent, _article in self._open):
            return
        self._break(tag)
        while self._open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if not any(silent for _tag, silent, _article in self._open):
            self._words += re.sub(r"\s+", " ", data)

    def close(self) -> None:
        super().close()
        self._break("p")

    def _break(self, tag: str) -> None:
        """End the paragraph where a block begins or ends."""
        if tag not in _BLOCKS and tag not in _HEADINGS and tag not in ("li", "body", "html"):
            return
        lines = (" ".join(line.split()) for line in self._words.split("\n"))
        paragraph = "\n".join(line for line in lines if line)
        self._words = ""
        if not paragraph or paragraph == "•":
            return
        self.everything.append(paragraph)
        if any(article for _tag, _silent, article in self._open):
            self.article.append(paragraph)


def text_of_html(html: str) -> str:
    """The article's paragraphs with empty lines between; those of the whole document if no article is marked."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    paragraphs = reader.article or reader.everything
    return "\n\n".join(paragraphs).replace("\n\n• ", "\n• ")
