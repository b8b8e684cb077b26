"""Looks into a model: what its release is, the facts of its header, its quantisation, its chat template as text."""

from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QPlainTextEdit,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from desktop.library import words
from desktop.library.table import Column, Table
from desktop.qt.plain_text import Browser, Label, window_title
from desktop.qt.scrolled import scrolled
from desktop.qt.window_geometry import fit_to_screen
from models.library.kind import NAMES
from models.library.memory import Need
from models.library.model_info import ModelInfo, Share
from models.library.release_numbers import release
from resources.language import tr, tr_count

MIX: tuple[Column[Share], ...] = (
    Column(tr("Type"), lambda share: share.type, wide=True),
    Column(tr("Tensors"), lambda share: f"{share.tensors:,}", number=True),
    Column(tr("Numbers"), lambda share: words.parameters(share.entries), number=True),
    Column(tr("Bits each"), lambda share: f"{share.bits:.2f}", number=True),
    Column(tr("Size"), lambda share: words.size(share.size), number=True),
    Column(tr("Share", "part of a whole"), lambda share: f"{share.share:.1%}", number=True),
)


class ModelInfoDialog(QDialog):
    """Shows what was read; reads nothing."""

    def __init__(self, about: ModelInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(window_title(tr("{name} — inside").format(name=about.name or about.path.name)))
        self.resize(640, 560)
        fit_to_screen(self)
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.addTab(_release(about), tr("The parameters and the code"))
        self.tabs.addTab(scrolled(_facts(about)), tr("Facts"))
        self.tabs.addTab(_mix(about), tr("Quantisation"))
        if about.template:
            self.tabs.addTab(_template(about.template), tr("Chat template"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.tabs)
        column.addWidget(buttons)


def facts(about: ModelInfo) -> list[tuple[str, str]]:
    """What the header says, name and value; what it does not say is left out."""
    beginning = about.beginning
    begins = {
        True: tr("put before every text"),
        False: tr("not put before a text"),
        None: tr("the header does not say"),
    }
    begin = (
        tr("{text} ({token}), {begins}").format(
            text=beginning.text, token=beginning.token, begins=begins[beginning.adds]
        )
        if beginning.token >= 0
        else ""
    )
    rows = (
        (tr("File"), str(about.path)),
        (tr("Base or chat"), tr("{kind}. {reason}").format(kind=NAMES[about.kind.kind], reason=about.kind.reason)),
        (tr("Architecture"), about.architecture),
        (tr("Parameters"), f"{about.parameters:,}"),
        (tr("Layers"), f"{about.layers:,}"),
        (tr("Width"), f"{about.width:,}" if about.width else ""),
        (
            tr("Experts"),
            tr("{used} of {experts} a token").format(used=about.experts_used, experts=about.experts)
            if about.experts
            else "",
        ),
        (tr("Context"), tr("{count:,} tokens").format(count=about.trained_context) if about.trained_context else ""),
        (
            tr("Vocabulary"),
            tr("{count:,} tokens ({tokenizer})").format(count=about.vocabulary, tokenizer=about.tokenizer),
        ),
        (tr("Begin token"), begin),
        (
            tr("Quantisation"),
            tr("{quantisation}, {bits:.2f} bits a parameter on average").format(
                quantisation=about.quantisation, bits=about.bits
            ),
        ),
        (
            tr("Size"),
            tr_count("{size} in {count} file", "{size} in {count} files", about.files).format(
                size=words.size(about.size), count=about.files
            ),
        ),
        (tr("Memory"), _memory(about.need)),
        (tr("Licence"), about.licence_name),
        ("", about.licence_link),
    )
    return [(name, value) for name, value in rows if value]


def _memory(need: Need) -> str:
    if need.recurrent:
        said = tr("about {total} for a text of any length: weights {weights}, state {cache}, working {working}")
    else:
        said = tr("about {total} with {context:,} tokens: weights {weights}, cache {cache}, working {working}")
    return said.format(
        total=words.size(need.total),
        context=need.context,
        weights=words.size(need.weights),
        cache=words.size(need.cache),
        working=words.size(need.working_and_snapshots),
    )


def _release(about: ModelInfo) -> QWidget:
    browser = Browser(openExternalLinks=False, openLinks=False)
    browser.setAccessibleName(tr("The parameters and the code"))
    browser.setMarkdown(release(about))
    browser.document().setDocumentMargin(16)
    return browser


def _facts(about: ModelInfo) -> QWidget:
    page = QWidget()
    form = QFormLayout(page)
    form.setHorizontalSpacing(20)
    form.setVerticalSpacing(8)
    for name, value in facts(about):
        label = Label(value, wordWrap=True)
        label.setTextInteractionFlags(label.textInteractionFlags().TextSelectableByMouse)
        form.addRow(name, label)
    return page


def _mix(about: ModelInfo) -> QWidget:
    table: Table[Share] = Table(tr("Quantisation"), MIX)
    table.put(about.mix)
    return table


def _template(template: str) -> QWidget:
    text = QPlainTextEdit(template, readOnly=True)
    text.setAccessibleName(tr("Chat template"))
    text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    return text
