"""The scripted model's data: a short story, kinds of words that can replace each other, and the vocabulary of both.

model.py computes the odds.
"""

from __future__ import annotations

import re

STORY = (
    "The old lighthouse keeper climbed the stairs every evening, long after the ships had stopped coming. "
    "He lit the lamp, opened the heavy book on the table and wrote down the weather: a soft wind, a grey sea, no sail. "
    "Nobody had asked him for it in twenty years. Tonight the wind was different. "
    "It carried a small voice over the water, and the voice knew his name.\n\n"
    "“등대,” it said, and then, in his own language, “lighthouse.” He held the lamp higher. "
    "Far below, between two dark waves 🌊, a little boat was turning slowly in the light.\n\n"
    "He ran down the stairs faster than he had run since he was young. The boat was empty, but for a lantern, "
    "a letter and a sleeping child. The letter held only one line, written in a careful hand: "
    "“Please keep the light on.” "
    "He read it twice, took the child in his arms and carried her up to the lamp.\n\n"
    "In the morning he opened the heavy book and wrote: a clear sky, a quiet sea, one sail."
)

# Words that can replace each other. The first line that holds a word gives its alternatives.
KINDS: tuple[str, ...] = (
    "the a his her this that every one no some another my",
    "keeper child man woman captain sailor stranger girl boy fisherman painter widow doctor",
    "lighthouse house tower church castle harbour village island mill station",
    "lamp lantern candle fire light torch match window",
    "book letter line page map journal diary song story name",
    "wind sea rain storm water tide fog night snow sky weather moon",
    "boat ship sail ships waves rope oar net anchor gulls",
    "evening morning night Tonight winter year years day autumn hour",
    "stairs table arms hand door floor ladder chair shore rocks",
    "old heavy soft grey small dark little empty quiet clear careful young long different narrow cold strange bright",
    "climbed opened carried held lit took read ran wrote turned closed found lifted dropped watched kept lost",
    "had was said knew asked stopped heard saw felt thought wanted coming turning sleeping written burning waiting",
    "in on over below between after since for down up to with into under behind above from",
    "and but or then because while until though so",
    "He It She Nobody he it she they him them nobody someone",
    "slowly faster higher twice Far only again once softly quickly never always",
    ", . : ; ! ? —",
    "“ ” ,” .” ’ ( )",
)

# 등대 and 🌊 in pieces: no token of them is a complete character, and one straddles two.
BROKEN = (b" \xf0\x9f", b"\x8c\x8a", b"\xeb\x93", b"\xb1\xeb", b"\x8c\x80")

BEGINNING, END, UNUSED, IMAGE = 0, 1, 2, 3
CONTROL = {BEGINNING: b"<bos>", END: b"<eos>", UNUSED: b"<unused0>", IMAGE: b"<start_of_image>"}

_WORDS = re.compile(r" ?[^\W\d_]+|\n+| ?\d+| ?[^\w\s]|\s")


def vocabulary() -> tuple[bytes, ...]:
    """The bytes of every token: control tokens, single bytes, broken characters, words with and without a space."""
    kinds = [word for kind in KINDS for word in kind.split()]
    words = dict.fromkeys(_WORDS.findall(STORY) + [spaced for word in kinds for spaced in (" " + word, word)])
    complete = [word.encode() for word in words if not (_broken(word))]
    return (*CONTROL.values(), *(bytes([value]) for value in range(256)), *BROKEN, *dict.fromkeys(complete))


def letters() -> tuple[bytes, ...]:
    """The bytes of every token of a vocabulary without words: control tokens, single bytes, signs of more bytes."""
    signs = dict.fromkeys(sign.encode() for sign in STORY if len(sign.encode()) > 1 and not _broken(sign))
    return (*CONTROL.values(), *(bytes([value]) for value in range(256)), *signs)


def _broken(word: str) -> bool:
    return any(character in "등대🌊" for character in word)


def kind_of(word: bytes) -> int:
    """The index in KINDS of a token's word, -1 for none."""
    bare = word.decode("utf-8", "replace").strip()
    return next((index for index, kind in enumerate(KINDS) if bare and bare in kind.split()), -1)
