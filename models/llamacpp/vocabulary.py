"""A model's vocabulary: text to tokens, a token to the bytes that it shows, and which tokens are no text at all.

Special tokens are never parsed in text. Knows nothing of contexts and caches.
"""

from __future__ import annotations

import ctypes
from array import array

from models.errors import ModelError
from models.library.header import Header
from models.library.model_info import first_token, names_last_token
from models.llamacpp.binding import lib
from resources.language import tr

SENTENCEPIECE, UNIGRAM = 1, 4  # enum llama_vocab_type: those that put a false space before a text
UNKNOWN, UNUSED, CONTROL, USER_DEFINED = 1 << 0, 1 << 1, 1 << 3, 1 << 4  # enum llama_token_attr

# A character no vocabulary has: it becomes byte tokens (or one unknown token), which never merge with what follows.
SENTINEL = "\ue5a7"

# Control tokens in all but their attribute (USER_DEFINED, as are Gemma's runs of newlines, which are text).
NAMED_CONTROL = frozenset(
    b"[multimodal] <start_of_image> <end_of_image> <image_soft_token> <start_of_audio> <end_of_audio>"
    b" <audio_soft_token> <|image|> <|vision_start|> <|vision_end|> <|image_pad|>".split()
)


class Vocabulary:
    """The vocabulary of one loaded model. pointer: llama.cpp's; it lives as long as the model. header: of its file.
    bos: the token that is put before a page, -1 for none.
    """

    def __init__(self, pointer: int, header: Header) -> None:
        self.pointer = pointer
        self.size: int = lib.llama_vocab_n_tokens(pointer)
        self.bos = first_token(header) if lib.llama_vocab_get_add_bos(pointer) else -1
        self._usual_end = -1 if names_last_token(header) else int(lib.llama_vocab_eos(pointer))
        self._bytes: dict[int, bytes] = {}
        self._buffer = ctypes.create_string_buffer(256)
        kind: int = lib.llama_vocab_type(pointer)
        self._spaced, self._merges_unknown = kind in (SENTENCEPIECE, UNIGRAM), kind == UNIGRAM
        self._sentinel = self._encode(SENTINEL) if self._spaced else array("i")
        self._whole = self._user_defined() if self._puts_blank("a") else ()

    def tokenize(self, text: str, first: bool) -> array[int]:
        """Ids of text. first: it begins the page; else the false space that some vocabularies put before a text is
        avoided, as it is behind each token that the vocabulary's makers added (llama.cpp puts one there).

        Half characters (lone surrogates) are read as U+FFFD.
        """
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        if not self._spaced:
            return self._encode(text)
        ids = array("i")
        for index, part in enumerate(self._parts(text)):
            if isinstance(part, int):
                ids.append(part)
            else:
                ids += self._encode(part) if first and index == 0 else self._bare(part)
        return ids

    def _parts(self, text: str) -> list[str | int]:
        """The text between the tokens that are never cut, and those, as llama.cpp finds them: the longest first."""
        parts: list[str | int] = [text] if text else []
        for whole, token in self._whole:
            if whole in text:
                parts = [piece for part in parts for piece in _split(part, whole, token)]
        return parts

    def _bare(self, text: str) -> array[int]:
        """Ids of text without a false space."""
        if self._merges_unknown and self.is_unknown((self._encode(text[0]) or (-1,))[-1]):
            ids = self._encode(text)  # a sentinel would be one unknown token with what comes behind it
            return ids[1:] if ids and self.token_bytes(ids[0]) == b" " else ids
        ids = self._encode(SENTINEL + text)
        skip = len(self._sentinel)
        return ids[skip:] if ids[:skip] == self._sentinel else self._encode(text)

    def _puts_blank(self, letter: str) -> bool:
        """Whether it puts a false space before a text."""
        return self._spaced and b"".join(map(self.token_bytes, self._encode(letter))).startswith(b" ")

    def _user_defined(self) -> tuple[tuple[str, int], ...]:
        """The tokens that are never cut, with their text, the longest first."""
        attributes = ((token, lib.llama_vocab_get_attr(self.pointer, token)) for token in range(self.size))
        found = [(self._name(token), token) for token, bits in attributes if bits & USER_DEFINED]
        found.sort(key=lambda pair: -len(pair[0]))
        return tuple((name.decode("utf-8", "replace"), token) for name, token in found if name)

    def token_bytes(self, token: int) -> bytes:
        """What the token shows; control and unused tokens show their name. Never empty."""
        shown = self._bytes.get(token)
        if shown is None:
            shown = self._bytes[token] = self._piece(token) or self._name(token) or b"<%d>" % token
        return shown

    def is_unknown(self, token: int) -> bool:
        return token >= 0 and bool(lib.llama_vocab_get_attr(self.pointer, token) & UNKNOWN)

    def ends_text(self, token: int) -> bool:
        """Whether it ends a text. Where the file names no such token, llama.cpp takes one by its number, whatever it
        is: then it has to be a control token.
        """
        if not lib.llama_vocab_is_eog(self.pointer, token):
            return False
        return token != self._usual_end or bool(lib.llama_vocab_get_attr(self.pointer, token) & CONTROL)

    def control(self) -> array[int]:
        """Ids that the mask of control tokens covers; never one that ends the text."""
        attributes: list[int] = [lib.llama_vocab_get_attr(self.pointer, token) for token in range(self.size)]
        special = (i for i, bits in enumerate(attributes) if bits & (UNUSED | CONTROL) or self._named(i, bits))
        return array("i", [i for i in special if not self.ends_text(i)])

    def _named(self, token: int, attribute: int) -> bool:
        return bool(attribute & USER_DEFINED) and self._name(token) in NAMED_CONTROL

    def _encode(self, text: str) -> array[int]:
        """llama.cpp's own ids, without the -1 that it gives for what a vocabulary has nothing for."""
        data = text.encode()
        room = len(data) + 8
        while True:
            ids = (ctypes.c_int32 * room)()
            count: int = lib.llama_tokenize(self.pointer, data, len(data), ids, room, False, False)
            if count >= 0:
                found = array("i", ids[:count])
                return found if min(found, default=0) >= 0 else array("i", [token for token in found if token >= 0])
            if -count <= room:
                raise ModelError(tr("The model's vocabulary cannot read this text."))
            room = -count

    def _piece(self, token: int) -> bytes:
        size: int = lib.llama_token_to_piece(self.pointer, token, self._buffer, len(self._buffer), 0, True)
        if size < 0:
            self._buffer = ctypes.create_string_buffer(-size)
            return self._piece(token)
        return self._buffer.raw[:size]

    def _name(self, token: int) -> bytes:
        return lib.llama_vocab_get_text(self.pointer, token) or b""


def _split(part: str | int, whole: str, token: int) -> list[str | int]:
    """A text without that token's, and the token where it stood; a token as it is."""
    if isinstance(part, int):
        return [part]
    pieces: list[str | int] = []
    for index, piece in enumerate(part.split(whole)):
        pieces += [token] if index else []
        pieces += [piece] if piece else []
    return pieces
