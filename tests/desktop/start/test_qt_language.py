"""Qt's own texts in other languages, and the writing direction."""

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QEvent, Qt, QTranslator
from PySide6.QtWidgets import QApplication

from desktop.start.qt_language import speak
from resources.language import PSEUDO, SOURCE


@pytest.fixture
def application(qapp: QApplication) -> Iterator[QApplication]:
    """Speaks English again behind the test."""
    yield qapp
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.deleteLater()
    QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
    qapp.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def cancel() -> str:
    return QCoreApplication.translate("QPlatformTheme", "Cancel")


def test_qt_speaks_korean(application: QApplication) -> None:
    assert speak(application, "ko")
    assert cancel() == "취소"
    assert application.layoutDirection() is Qt.LayoutDirection.LeftToRight


def test_arabic_is_written_from_the_right(application: QApplication) -> None:
    assert speak(application, "ar")
    assert application.layoutDirection() is Qt.LayoutDirection.RightToLeft


@pytest.mark.parametrize("language", [SOURCE, PSEUDO])
def test_qt_stays_english(application: QApplication, language: str) -> None:
    assert speak(application, language)
    assert cancel() == "Cancel" and not application.findChildren(QTranslator)


def test_a_language_that_qt_does_not_speak(application: QApplication) -> None:
    assert not speak(application, "yo")
    assert cancel() == "Cancel"
