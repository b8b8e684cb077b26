"""The tokens that a grammar allows against llama.cpp's own grammar sampler, on random grammars."""

from __future__ import annotations

import ctypes
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from models.llamacpp.binding import lib
from models.llamacpp.model import LlamaModel
from models.sampling.grammar.grammar import Allowed, Cursor
from models.sampling.knobs import Sampling
from models.sampling.stages import CANDIDATE
from models.worker.grammars import Grammars
from models.worker.spelling import Spelling
from tests.models import grammars
from tests.models.asking import opened

STEPS = 12


class Native:
    """llama.cpp's grammar sampler. It is made anew for each text: a token that it does not allow ends the process."""

    def __init__(self, vocabulary: Any, size: int, text: str) -> None:
        self._sampler = lib.llama_sampler_init_grammar(vocabulary, text.encode(), b"root")
        self._rows = np.zeros(size, CANDIDATE)

    def allowed(self) -> Allowed:
        self._rows["id"], self._rows["logit"] = np.arange(len(self._rows)), 0
        data = ctypes.cast(self._rows.ctypes.data, lib.llama_token_data_p)
        view = lib.llama_token_data_array(data, len(self._rows), -1, False)
        lib.llama_sampler_apply(self._sampler, ctypes.byref(view))
        return self._rows["logit"] == 0

    def accept(self, token: int) -> None:
        lib.llama_sampler_accept(self._sampler, token)

    def close(self) -> None:
        lib.llama_sampler_free(self._sampler)


@pytest.mark.parametrize("kind", ["llama", "gpt2"])
def test_the_allowed_tokens_are_llama_cpps(kind: str, tiny_models: dict[str, Path]) -> None:
    chance = random.Random(2)
    with opened(tiny_models[kind]) as model:
        ours = Grammars(model, Spelling(model), lambda: 0.0)
        ends = np.array([model.ends_text(token) for token in range(model.vocabulary)])
        inside = 0
        for _ in range(60):
            text = grammars.grammar(chance)
            cursor = ours.cursor(Sampling(grammar=text).checked(), b"")
            assert cursor
            inside += follow(model, cursor, Native(model._vocabulary.pointer, model.vocabulary, text), ends, chance)
    assert inside > 10  # places inside a character were among them


def follow(model: LlamaModel, cursor: Cursor, native: Native, ends: Allowed, chance: random.Random) -> int:
    """Write some tokens, and compare before each. Returns how many came inside a character."""
    inside, spelt = 0, b""
    for _ in range(STEPS):
        found, wanted = cursor.allowed(), native.allowed()
        unfinished = spelt != spelt.decode(errors="ignore").encode()
        inside += unfinished
        if unfinished:  # there llama.cpp lets the text end where a shorter one was complete
            assert not found[ends].any()
            found, wanted = found & ~ends, wanted & ~ends
        wanted[list(model.control)] = False  # a name is no text
        wrong = [
            token for token in np.flatnonzero(wanted).tolist() if not grammars.is_text(spelt + model.token_bytes(token))
        ]
        assert not found[wrong].any()
        wanted[wrong] = False  # llama.cpp does not check bytes that are no character
        assert (found == wanted).all(), (
            spelt,
            [model.token_bytes(int(one)) for one in np.flatnonzero(found != wanted)],
        )
        choices = np.flatnonzero(found & ~ends)
        if not len(choices):
            break
        many = [one for one in choices.tolist() if model.token_bytes(one)[0] > 0x7F]
        token = chance.choice(many if many and chance.random() < 0.4 else choices.tolist())
        spelt += model.token_bytes(token)
        cursor.accept(token)
        native.accept(token)
    native.close()
    return inside


def test_what_llama_cpp_refuses_is_refused(native_vocabulary: Any) -> None:
    for text in ("root ::= (", 'root ::= root "a"', "root ::= x", 'x ::= "a"', 'root ::= "\\q"', "root ::= *"):
        assert not lib.llama_sampler_init_grammar(native_vocabulary, text.encode(), b"root")
        with pytest.raises(ValueError, match="grammar"):
            Sampling(grammar=text).checked()
