"""The tab of downloads: a row for each, with buttons to pause, resume, cancel, remove or open it."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRectF, Qt, Signal, SignalInstance
from PySide6.QtGui import QPainter, QPalette
from PySide6.QtWidgets import (
    QHBoxLayout,
    QPushButton,
    QStyle,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from desktop.library import words
from desktop.library.table import Cell, Column, Table
from desktop.qt.plain_text import Label, tip
from desktop.qt.visible import lines
from models.library.download.queue import AT_REST, Download
from models.library.downloadable import UNVERIFIED
from resources.language import tr

EMPTY = tr("Nothing is being downloaded. Choose a model in the catalogue or on the hub.")
_BAR = 2  # the column of the bar


def amount(download: Download) -> str:
    """How much has been downloaded: "120 MB of 253 MB"."""
    total = words.size(download.total)
    return (
        tr("{done} of {total}").format(done=words.size(download.done) or "0 MB", total=total)
        if download.done < download.total
        else total
    )


def state(download: Download) -> str:
    return _with_warning(download, download.sentence or words.PHASES[download.phase])


def _with_warning(download: Download, sentence: str) -> str:
    """The sentence, and a warning on a second line if the file has no checksum."""
    return sentence if download.item.verifiable or sentence == UNVERIFIED else lines(sentence, UNVERIFIED)


def speed(download: Download) -> str:
    return tr("{size}/s").format(size=words.size(round(download.speed))) if download.speed else ""


COLUMNS: tuple[Column[Download], ...] = (
    Column(tr("Model"), lambda download: download.item.name, tip=lambda download: download.item.repo),
    Column(
        tr("State"), lambda download: words.PHASES[download.phase], tip=lambda download: state(download), several=True
    ),
    Column("", lambda _download: "", wide=True, tip=amount),
    Column(tr("Done", "amount"), amount, number=True),
    Column(tr("Speed"), speed, number=True),
    Column(tr("Left", "time"), lambda download: words.time_left(download.left), number=True),
)


class DownloadsTab(QWidget):
    """The list of downloads. All signals are wishes and carry the Download of the current row."""

    pause_requested = Signal(object)
    resume_requested = Signal(object)
    cancel_requested = Signal(object)
    remove_requested = Signal(object)
    delete_requested = Signal(object)
    open_requested = Signal(object)
    web_page_requested = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table: Table[Download] = Table(tr("Downloads"), COLUMNS)
        self.table.setItemDelegateForColumn(_BAR, _Bar(self.table))
        self.message_label = Label(EMPTY, several=True, wordWrap=True)
        self.message_label.setObjectName("quiet")
        self.message_label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.message_label.setMinimumWidth(1)  # a long name in one word does not make the window wider
        self.open = self._button(tr("Open", "button"), tr("Loads the model."), self.open_requested)
        self.pause = self._button(
            tr("Pause", "button"), tr("Stops for now; what was downloaded is kept."), self.pause_requested
        )
        self.resume = self._button(tr("Resume", "button"), tr("Continues where it stopped."), self.resume_requested)
        self.cancel = self._button(
            tr("Cancel", "button"), tr("Stops the download and deletes what was downloaded."), self.cancel_requested
        )
        self.remove = self._button(
            tr("Remove from list"), tr("Removes the row; the model stays."), self.remove_requested
        )
        self.delete = self._button(
            tr("Remove model…"), tr("Moves the model's files to the trash, when asked again."), self.delete_requested
        )
        self.web_page = self._button(
            tr("Show its page"),
            tr("Opens the repository in the browser, where its terms are accepted."),
            self.web_page_requested,
        )
        self.table.current_changed.connect(self._offer)
        row = QHBoxLayout()
        for button in (self.open, self.pause, self.resume, self.cancel, self.remove, self.delete, self.web_page):
            row.addWidget(button)
        row.addStretch()
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.addWidget(self.table, 1)
        column.addWidget(self.message_label)
        column.addLayout(row)
        self._offer(None)

    def put(self, downloads: Sequence[Download]) -> None:
        """Show these downloads, and select a new one."""
        if tuple(downloads) == self.table.rows.values:
            return
        has_new = len(downloads) > len(self.table.rows.values)
        self.table.put(downloads)
        if downloads and (has_new or self.table.current is None):
            self.table.select(len(downloads) - 1)
        self._offer(self.table.current)

    def say(self, sentence: str) -> None:
        self.message_label.setText(sentence)

    def _button(self, title: str, help_: str, wish: SignalInstance) -> QPushButton:
        button = QPushButton(title)
        button.setToolTip(tip(help_))
        button.clicked.connect(lambda: wish.emit(self.table.current))
        return button

    def _offer(self, download: Download | None) -> None:
        self.message_label.setText(
            EMPTY if download is None else _with_warning(download, download.sentence or amount(download))
        )
        for button, can in (
            (self.open, _can_open),
            (self.pause, _can_pause),
            (self.resume, _can_resume),
            (self.cancel, _can_cancel),
            (self.remove, _can_remove),
            (self.delete, _can_remove),
        ):
            button.setEnabled(download is not None and can(download))
        self.web_page.setVisible(download is not None and bool(download.url))


def _can_open(download: Download) -> bool:
    return download.phase == "done" and download.usable


def _can_pause(download: Download) -> bool:
    return download.phase not in AT_REST


def _can_resume(download: Download) -> bool:
    return download.phase in {"paused", "failed"}


def _can_cancel(download: Download) -> bool:
    return download.phase != "done"


def _can_remove(download: Download) -> bool:
    return download.phase == "done"


class _Bar(Cell):
    """Paints a thin progress bar in the cell."""

    def __init__(self, table: Table[Download]) -> None:
        super().__init__(table)
        self._value: Callable[[int], Download] = lambda row: table.rows.values[row]

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        super().paint(painter, option, index)
        download = self._value(index.row())
        room: QRectF = QRectF(option.rect).adjusted(8, 0, -8, 0)  # pyright: ignore[reportAttributeAccessIssue]
        line = QRectF(room.left(), room.center().y() - 3, room.width(), 6)
        palette: QPalette = option.palette  # pyright: ignore[reportAttributeAccessIssue]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.mid())
        painter.setOpacity(0.5)
        painter.drawRoundedRect(line, 3, 3)
        painter.setOpacity(1.0)
        width = line.width() * download.done / max(download.total, 1)
        if option.direction == Qt.LayoutDirection.RightToLeft:  # pyright: ignore[reportAttributeAccessIssue]
            line.setLeft(line.right() - width)
        line.setWidth(width)
        selected = option.state & QStyle.StateFlag.State_Selected  # pyright: ignore[reportAttributeAccessIssue]
        painter.setBrush(palette.highlightedText() if selected else palette.accent())
        painter.drawRoundedRect(line, 3, 3)
        painter.restore()
