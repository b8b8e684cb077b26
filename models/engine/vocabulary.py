"""A model's vocabulary: text to tokens, a token to the bytes that it shows, and which tokens are no text at all.

Special tokens are never parsed in text. Knows nothing of contexts and caches.
"""

from __future__ import annotations

import ctypes
from array import array

from models.engine.backend import ModelError
from models.engine.binding import lib
from resources.language import tr

SENTENCEPIECE, UNIGRAM = 1, 4  # enum llama_vocab_type: those that put a false space before a text
UNUSED, CONTROL, USER_DEFINED = 1 << 1, 1 << 3, 1 << 4  # enum llama_token_attr

# A character no vocabulary has: it becomes byte tokens (or one unknown token), which never merge with what follows.
SENTINEL = "\ue5a7"

# Control tokens in all but their attribute (USER_DEFINED, as are Gemma's runs of newlines, which are text).
NAMED_CONTROL = frozenset(
    b"[multimodal] <start_of_image> <end_of_image> <image_soft_token> <start_of_audio> <end_of_audio>"
    b" <audio_soft_token> <|image|> <|vision_start|> <|vision_end|> <|image_pad|>".split()
)


class Vocabulary:
    """The vocabulary of one loaded model. pointer: llama.cpp's; it lives as long as the model."""

    def __init__(self, pointer: int) -> None:
        self.pointer = pointer
        self.size: int = lib.llama_vocab_n_tokens(pointer)
        self.bos: int = lib.llama_vocab_bos(pointer) if lib.llama_vocab_get_add_bos(pointer) else -1
        self._bytes: dict[int, bytes] = {}
        self._buffer = ctypes.create_string_buffer(256)
        self._spaced = lib.llama_vocab_type(pointer) in (SENTENCEPIECE, UNIGRAM)
        self._sentinel = self._encode(SENTINEL) if self._spaced else array("i")

    def tokenize(self, text: str, first: bool) -> array[int]:
        """Ids of text. first: it begins the page; else the false space that some vocabularies put before a text is
        avoided.

        Half characters (lone surrogates) are read as U+FFFD.
        """
        if first or not self._spaced or not text:
            return self._encode(text)
        ids = self._encode(SENTINEL + text)
        skip = len(self._sentinel)
        return ids[skip:] if ids[:skip] == self._sentinel else self._encode(text)

    def token_bytes(self, token: int) -> bytes:
        """What the token shows; control and unused tokens show their name. Never empty."""
        shown = self._bytes.get(token)
        if shown is None:
            shown = self._bytes[token] = self._piece(token) or self._name(token) or b"<%d>" % token
        return shown

    def ends_text(self, token: int) -> bool:
        return bool(lib.llama_vocab_is_eog(self.pointer, token))

    def control(self) -> array[int]:
        """Ids that the mask of control tokens covers; never one that ends the text."""
        attributes: list[int] = [lib.llama_vocab_get_attr(self.pointer, token) for token in range(self.size)]
        special = (i for i, bits in enumerate(attributes) if bits & (UNUSED | CONTROL) or self._named(i, bits))
        return array("i", [i for i in special if not self.ends_text(i)])

    def _named(self, token: int, attribute: int) -> bool:
        return bool(attribute & USER_DEFINED) and self._name(token) in NAMED_CONTROL

    def _encode(self, text: str) -> array[int]:
        """llama.cpp's own ids, without the -1 that it gives for what a vocabulary has nothing for."""
        data = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace").encode()
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
