"""Looks into a model: what its release is, the facts of its header, its quantisation, its chat template as text."""

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QLabel,
    QPlainTextEdit,
    QTabWidget,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from desktop.library import words
from desktop.library.table import Column, Table
from models.library.about import About, Share
from models.library.release import release

MIX: tuple[Column[Share], ...] = (
    Column("Type", lambda share: share.type, wide=True),
    Column("Tensors", lambda share: f"{share.tensors:,}", number=True),
    Column("Numbers", lambda share: words.parameters(share.entries), number=True),
    Column("Bits each", lambda share: f"{share.bits:.2f}", number=True),
    Column("Size", lambda share: words.size(share.size), number=True),
    Column("Share", lambda share: f"{share.share:.1%}", number=True),
)


class InsideDialog(QDialog):
    """Shows what was read; reads nothing."""

    def __init__(self, about: About, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(f"{about.name or about.path.name} — inside")
        self.resize(640, 560)
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.addTab(_release(about), "The parameters and the code")
        self.tabs.addTab(_facts(about), "Facts")
        self.tabs.addTab(_mix(about), "Quantisation")
        if about.template:
            self.tabs.addTab(_template(about.template), "Chat template")
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.tabs)
        column.addWidget(buttons)


def facts(about: About) -> list[tuple[str, str]]:
    """What the header says, name and value; what it does not say is left out."""
    need, beginning = about.need, about.beginning
    begins = {True: "put before every text", False: "not put before a text", None: "the header does not say"}
    begin = f"{beginning.text} ({beginning.token}), {begins[beginning.adds]}" if beginning.token >= 0 else ""
    rows = (
        ("File", str(about.path)),
        ("Base or chat", f"{about.kind.kind}. {about.kind.reason}"),
        ("Architecture", about.architecture),
        ("Parameters", f"{about.parameters:,}"),
        ("Layers", f"{about.layers:,}"),
        ("Width", f"{about.width:,}" if about.width else ""),
        ("Experts", f"{about.experts_used} of {about.experts} a token" if about.experts else ""),
        ("Context", f"{about.trained_context:,} tokens" if about.trained_context else ""),
        ("Vocabulary", f"{about.vocabulary:,} tokens ({about.tokenizer})"),
        ("Begin token", begin),
        ("Quantisation", f"{about.quantisation}, {about.bits:.2f} bits a parameter on average"),
        ("Size", f"{words.size(about.size)} in {about.files} file{'s' * (about.files != 1)}"),
        (
            "Memory",
            f"about {words.size(need.total)} with {need.context:,} tokens: weights {words.size(need.weights)},"
            f" cache {words.size(need.cache)}, working {words.size(need.working)}",
        ),
        ("Licence", about.licence_name),
        ("", about.licence_link),
    )
    return [(name, value) for name, value in rows if value]


def _release(about: About) -> QWidget:
    browser = QTextBrowser(openExternalLinks=False, openLinks=False)
    browser.setAccessibleName("The parameters and the code")
    browser.setMarkdown(release(about))
    browser.document().setDocumentMargin(16)
    return browser


def _facts(about: About) -> QWidget:
    page = QWidget()
    form = QFormLayout(page)
    form.setHorizontalSpacing(20)
    form.setVerticalSpacing(8)
    for name, value in facts(about):
        label = QLabel(value, wordWrap=True)
        label.setTextFormat(label.textFormat().PlainText)
        label.setTextInteractionFlags(label.textInteractionFlags().TextSelectableByMouse)
        form.addRow(name, label)
    return page


def _mix(about: About) -> QWidget:
    table: Table[Share] = Table("Quantisation", MIX)
    table.put(about.mix)
    return table


def _template(template: str) -> QWidget:
    text = QPlainTextEdit(template, readOnly=True)
    text.setAccessibleName("Chat template")
    text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    return text
