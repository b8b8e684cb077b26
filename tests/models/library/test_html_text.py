"""Plain text of HTML documents."""

from models.library.html_text import text_of_html

PAGE = """<!doctype html><html><head><title>T</title><script>var a = "<p>no</p>";</script><style>p {}</style></head>
<body><header>Skip to main content</header><nav><ul><li>Docs</li></ul></nav>
<div class="devsite-article-body clearfix
  "><p>Last &amp; first,<br>in <strong>two</strong> lines</p>
<h2>Section 1</h2><ul><li>one</li><li>two <em>words</em></li></ul>
<p>(a) &quot;<a href="/x">Agreement</a>&quot;<img src=x> ends.<aside>Was this helpful?</aside></div>
<footer>Terms</footer></body></html>"""


def test_the_article_alone_as_paragraphs() -> None:
    paragraphs = ["Last & first,\nin two lines", "Section 1\n• one\n• two words", '(a) "Agreement" ends.']
    assert text_of_html(PAGE).split("\n\n") == paragraphs


def test_a_page_without_an_article_is_read_whole_but_for_its_frame() -> None:
    assert text_of_html("<nav>menu</nav><p>one</p>two<p>three") == "one\n\ntwo\n\nthree"


def test_plain_text_stays() -> None:
    assert text_of_html("plain < words & more </b>") == "plain < words & more"
    assert text_of_html("") == ""
