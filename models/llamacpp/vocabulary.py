"""A model's vocabulary: text to tokens, a token to its bytes, and which tokens are control tokens.

Special tokens are never parsed in text.
"""

from __future__ import annotations

import ctypes
from array import array

from models.errors import ModelError
from models.library.header import Header
from models.library.model_info import first_token, names_last_token
from models.llamacpp.binding import lib
from resources.language import tr

SENTENCEPIECE, UNIGRAM = 1, 4  # enum llama_vocab_type: the types that may add a leading space to a text
UNKNOWN, UNUSED, CONTROL, USER_DEFINED = 1 << 0, 1 << 1, 1 << 3, 1 << 4  # enum llama_token_attr

_MOST_KNOWN = 16_384  # tokens whose bytes are in memory

# A character that no vocabulary has: its byte tokens (or its unknown token) never merge with what follows.
SENTINEL = "\ue5a7"

# Control tokens with the attribute USER_DEFINED, which text tokens such as Gemma's runs of newlines have too.
NAMED_CONTROL = frozenset(
    b"[multimodal] <start_of_image> <end_of_image> <image_soft_token> <start_of_audio> <end_of_audio>"
    b" <audio_soft_token> <|image|> <|vision_start|> <|vision_end|> <|image_pad|>".split()
)


class Vocabulary:
    """The vocabulary of a loaded model. pointer: llama_vocab, valid as long as the model. header: of its file. size:
    tokens. bos: the token put before a page, -1 for none.
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
        self._unsplit = self._user_defined() if self._puts_blank("a") else ()

    def tokenize(self, text: str, first: bool) -> array[int]:
        """The ids of a text. first: the text begins the page; else the leading space that some vocabularies add is
        avoided, also after each user-defined token, where llama.cpp adds one. Raises ModelError.

        Lone surrogates are read as U+FFFD.
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
        """The text split at user-defined tokens, as llama.cpp does it: the longest first."""
        parts: list[str | int] = [text] if text else []
        for spelling, token in self._unsplit:
            if spelling in text:
                parts = [piece for part in parts for piece in _split(part, spelling, token)]
        return parts

    def _bare(self, text: str) -> array[int]:
        """The ids of a text without a leading space."""
        if self._merges_unknown and self.is_unknown((self._encode(text[0]) or (-1,))[-1]):
            ids = self._encode(text)  # the sentinel would merge with the text into one unknown token
            return ids[1:] if ids and self.token_bytes(ids[0]) == b" " else ids
        ids = self._encode(SENTINEL + text)
        skip = len(self._sentinel)
        return ids[skip:] if ids[:skip] == self._sentinel else self._encode(text)

    def _puts_blank(self, letter: str) -> bool:
        """Whether the vocabulary adds a leading space to a text."""
        return self._spaced and b"".join(map(self.token_bytes, self._encode(letter))).startswith(b" ")

    def _user_defined(self) -> tuple[tuple[str, int], ...]:
        """The text and id of each user-defined token, the longest first. llama.cpp never splits them."""
        attributes = ((token, lib.llama_vocab_get_attr(self.pointer, token)) for token in range(self.size))
        found = [(self._name(token), token) for token, bits in attributes if bits & USER_DEFINED]
        found.sort(key=lambda pair: -len(pair[0]))
        return tuple((name.decode("utf-8", "replace"), token) for name, token in found if name)

    def token_bytes(self, token: int) -> bytes:
        """The bytes of a token; of control and unused tokens their name. Never empty."""
        shown = self._bytes.get(token)
        if shown is None:
            if len(self._bytes) >= _MOST_KNOWN:
                self._bytes.clear()
            shown = self._bytes[token] = self._piece(token) or self._name(token) or b"<%d>" % token
        return shown

    def is_unknown(self, token: int) -> bool:
        return token >= 0 and bool(lib.llama_vocab_get_attr(self.pointer, token) & UNKNOWN)

    def ends_text(self, token: int) -> bool:
        """Whether the token ends a text. If the file names no end token, llama.cpp assumes one by its number: that one
        must be a control token to count.
        """
        if not lib.llama_vocab_is_eog(self.pointer, token):
            return False
        return token != self._usual_end or bool(lib.llama_vocab_get_attr(self.pointer, token) & CONTROL)

    def control(self) -> array[int]:
        """The ids that the control mask covers; never one that ends the text."""
        attributes: list[int] = [lib.llama_vocab_get_attr(self.pointer, token) for token in range(self.size)]
        special = (i for i, bits in enumerate(attributes) if bits & (UNUSED | CONTROL) or self._named(i, bits))
        return array("i", [i for i in special if not self.ends_text(i)])

    def _named(self, token: int, attribute: int) -> bool:
        return bool(attribute & USER_DEFINED) and self._name(token) in NAMED_CONTROL

    def _encode(self, text: str) -> array[int]:
        """llama.cpp's ids, without the -1 it gives for text that the vocabulary cannot represent."""
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


def _split(part: str | int, spelling: str, token: int) -> list[str | int]:
    """A text split at a token's spelling, with the token in between; a token unchanged."""
    if isinstance(part, int):
        return [part]
    pieces: list[str | int] = []
    for index, piece in enumerate(part.split(spelling)):
        pieces += [token] if index else []
        pieces += [piece] if piece else []
    return pieces
