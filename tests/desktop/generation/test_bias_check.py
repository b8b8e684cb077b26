"""The loaded model is asked what the entries of the bias mean; late answers are dropped."""

from typing import Any, cast

from desktop.generation.bias_check import BiasCheck
from models.engine.engine import Engine
from models.engine.events import BiasRead, Event, ModelFacts
from models.sampling.bias import BiasToken
from models.sampling.knobs import Sampling

MODEL = ModelFacts("", "m", "f", "llama", 1, 1, 100, 1, 512, 512, 1, 0, "CPU", -1, 64)
FOUND = BiasToken(5, b" the")


class Asked:
    def __init__(self) -> None:
        self.entries: list[tuple[str, ...]] = []

    def read_bias(self, entries: tuple[str, ...]) -> int:
        self.entries.append(entries)
        return len(self.entries)


def test_it_asks_at_each_change_of_model_or_entries() -> None:
    engine, told = Asked(), list[Any]()
    check = BiasCheck(cast("Engine", engine))
    check.checked.connect(told.append)
    check.show_sampling(Sampling(bias=("id:5=1",)))
    assert engine.entries == [] and told == [{}]  # no model is loaded
    check.show_model(MODEL)
    check.show_sampling(Sampling(bias=("id:5=1",), top_k=3))  # the same entries
    assert engine.entries == [("id:5=1",)]
    check.show_sampling(Sampling(bias=("id:5=1", " a=-inf")))
    late, answer = BiasRead(1, (FOUND,)), BiasRead(2, (FOUND, BiasToken(-1, sentence="no")))
    check.take(cast("tuple[Event, ...]", (late, answer)))
    assert told[-1] == {5: FOUND, " a": BiasToken(-1, sentence="no")} and len(told) == 2
    check.show_model(None)
    check.take(cast("tuple[Event, ...]", (answer,)))
    assert told[-1] == {} and len(told) == 3
