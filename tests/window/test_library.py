"""The library's signals in the whole program."""

from typing import Any

CHAT = "scripted:?rate=2000&chat=1"


def test_the_notice_of_a_chat_model_follows_the_users_mark(hand: Any) -> None:
    hand.opens(CHAT)
    library, notice = hand.program.library, hand.program.window.notice
    assert "chat model" in notice.sentence
    library.overruled.emit("another.gguf", "base")
    assert "chat model" in notice.sentence
    library.overruled.emit(CHAT, "base")
    assert notice.sentence == ""
    library.overruled.emit(CHAT, "chat")
    assert "chat model" in notice.sentence


def test_overruling_leaves_other_notices(hand: Any) -> None:
    hand.opens(CHAT)
    hand.program.window.notice.say("Something else.")
    hand.program.library.overruled.emit(CHAT, "base")
    assert hand.program.window.notice.sentence == "Something else."


def test_notices_of_the_former_model_end(hand: Any) -> None:
    hand.opens(CHAT)
    assert "chat model" in hand.program.window.notice.sentence
    hand.opens("scripted:")
    hand.until(lambda: hand.program.session.state.model.path == "scripted:")
    assert hand.program.window.notice.sentence == ""
