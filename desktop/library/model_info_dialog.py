"""Shows what a model file says of itself: its release, the facts of its header, its quantisation, its chat template."""

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
    """Shows a ModelInfo, a tab for each part. Reads no file."""

    def __init__(self, info: ModelInfo, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(window_title(tr("{name} — inside").format(name=info.name or info.path.name)))
        self.resize(640, 560)
        fit_to_screen(self)
        self.tabs = QTabWidget(documentMode=True)
        self.tabs.addTab(_release(info), tr("The parameters and the code"))
        self.tabs.addTab(scrolled(_facts(info)), tr("Facts"))
        self.tabs.addTab(_mix(info), tr("Quantisation"))
        if info.template:
            self.tabs.addTab(_template(info.template), tr("Chat template"))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.addWidget(self.tabs)
        column.addWidget(buttons)


def facts(info: ModelInfo) -> list[tuple[str, str]]:
    """Return the facts of the header as pairs of name and value, without those that it does not have."""
    beginning = info.beginning
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
        (tr("File"), str(info.path)),
        (tr("Base or chat"), tr("{kind}. {reason}").format(kind=NAMES[info.kind.kind], reason=info.kind.reason)),
        (tr("Architecture"), info.architecture),
        (tr("Parameters"), f"{info.parameters:,}"),
        (tr("Layers"), f"{info.layers:,}"),
        (tr("Width"), f"{info.width:,}" if info.width else ""),
        (
            tr("Experts"),
            tr("{used} of {experts} a token").format(used=info.experts_used, experts=info.experts)
            if info.experts
            else "",
        ),
        (tr("Context"), tr("{count:,} tokens").format(count=info.trained_context) if info.trained_context else ""),
        (
            tr("Vocabulary"),
            tr("{count:,} tokens ({tokenizer})").format(count=info.vocabulary, tokenizer=info.tokenizer),
        ),
        (tr("Begin token"), begin),
        (
            tr("Quantisation"),
            tr("{quantisation}, {bits:.2f} bits a parameter on average").format(
                quantisation=info.quantisation, bits=info.bits
            ),
        ),
        (
            tr("Size"),
            tr_count("{size} in {count} file", "{size} in {count} files", info.files).format(
                size=words.size(info.size), count=info.files
            ),
        ),
        (tr("Memory"), _memory(info.need)),
        (tr("Licence"), info.licence_name),
        ("", info.licence_link),
    )
    return [(name, value) for name, value in rows if value]


def _memory(need: Need) -> str:
    if need.recurrent:
        template = tr("about {total} for a text of any length: weights {weights}, state {cache}, working {working}")
    else:
        template = tr("about {total} with {context:,} tokens: weights {weights}, cache {cache}, working {working}")
    return template.format(
        total=words.size(need.total),
        context=need.context,
        weights=words.size(need.weights),
        cache=words.size(need.cache),
        working=words.size(need.working_and_kept),
    )


def _release(info: ModelInfo) -> QWidget:
    browser = Browser(openExternalLinks=False, openLinks=False)
    browser.setAccessibleName(tr("The parameters and the code"))
    browser.setMarkdown(release(info))
    browser.document().setDocumentMargin(16)
    return browser


def _facts(info: ModelInfo) -> QWidget:
    rows = QWidget()
    form = QFormLayout(rows)
    form.setHorizontalSpacing(20)
    form.setVerticalSpacing(8)
    for name, value in facts(info):
        label = Label(value, wordWrap=True)
        label.setTextInteractionFlags(label.textInteractionFlags().TextSelectableByMouse)
        form.addRow(name, label)
    return rows


def _mix(info: ModelInfo) -> QWidget:
    table: Table[Share] = Table(tr("Quantisation"), MIX)
    table.put(info.mix)
    return table


def _template(template: str) -> QWidget:
    text = QPlainTextEdit(template, readOnly=True)
    text.setAccessibleName(tr("Chat template"))
    text.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
    return text
