"""The models that can stand beside the loaded one, each with a forecast of its memory. No Qt."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from models.engine.events import ModelFacts
from models.library.app_dirs import AppDirs, file_exists
from models.library.beside import BesideForecast, Held, forecast, held
from models.library.fit import Machine
from models.library.header import HeaderError
from models.library.installed import installed
from models.library.load_options import LoadOptions
from models.library.memory import sizes
from models.library.model_files import read_whole
from models.library.model_ref import ModelRef
from models.library.words import size
from resources.language import tr


@dataclass(frozen=True, slots=True)
class SecondModelChoice:
    """A model that may be opened. size: bytes, 0 where not known. forecast: None where it is not known yet, or a script
    that needs no memory, or where `problem`, a sentence, says why it cannot be opened."""

    path: str
    name: str
    size: int = 0
    forecast: BesideForecast | None = None
    judged: bool = False
    problem: str = ""

    @property
    def fits(self) -> bool:
        """Whether it can be open beside the first model."""
        return self.judged and not self.problem and (self.forecast is None or self.forecast.room == "beside")

    @property
    def fits_in_turns(self) -> bool:
        """Whether it can be open in the place of the first model only."""
        return self.forecast is not None and self.forecast.room == "in turns"

    @property
    def words(self) -> str:
        """The forecast in a few words."""
        if self.problem:
            return tr("can't be opened")
        if not self.judged:
            return "…"
        if self.forecast is None:
            return tr("fits")
        need = size(self.forecast.placement.total)
        words = {"beside": tr("fits, {size}"), "in turns": tr("in turns, {size}"), "too large": tr("too large: {size}")}
        return words[self.forecast.room].format(size=need)

    @property
    def sentence(self) -> str:
        """The forecast with its numbers."""
        return self.problem or (self.forecast.sentence if self.forecast else "")


def choices(home: AppDirs, recent: Iterable[str], first: ModelFacts | None) -> tuple[SecondModelChoice, ...]:
    """The models on this machine, not judged yet: recent ones first, without the loaded one. Reads folders."""
    here = {str(model.path): model for model in installed(home)}
    known = [path for path in recent if path in here or ModelRef(path).is_scripted or file_exists(Path(path))]
    found: list[SecondModelChoice] = []
    for path in dict.fromkeys((*known, *here)):
        if first is None or path != first.path:
            model = here.get(path)
            found.append(SecondModelChoice(path, model.name, model.size) if model else of_file(path))
    return tuple(found)


def of_file(path: str) -> SecondModelChoice:
    """The choice of a file that is not in the list of models."""
    return SecondModelChoice(path, path if ModelRef(path).is_scripted else Path(path).name)


def held_by(first: ModelFacts | None, options: LoadOptions) -> Held:
    """The memory that the loaded model holds, about. Reads its header; nothing where that cannot be read."""
    if first is None:
        return Held()
    if ModelRef(first.path).is_scripted:
        return Held(first.name)
    try:
        found = sizes(read_whole(first.path))
        return held(found, first.name, first.offloaded, first.context, options, mapped=first.mapped)
    except HeaderError:
        return Held(first.name)


def judged(
    found: Iterable[SecondModelChoice],
    first: ModelFacts | None,
    options: LoadOptions,
    machine: Callable[[], Machine],
) -> Iterator[SecondModelChoice]:
    """The same choices with their forecasts, one after the other. Reads headers. machine: its memory as it is now."""
    here, taken = machine(), held_by(first, options)
    for choice in found:
        yield judge(choice, taken, options, here)


def judge(choice: SecondModelChoice, taken: Held, options: LoadOptions, machine: Machine) -> SecondModelChoice:
    """The choice with its forecast. taken: by the loaded model."""
    if ModelRef(choice.path).is_scripted:
        return replace(choice, judged=True)
    try:
        header = read_whole(choice.path)
        if header.obstacle:
            return replace(choice, judged=True, problem=header.obstacle)
        found = forecast(sizes(header), machine, taken, options)
    except HeaderError as error:
        return replace(choice, judged=True, problem=str(error))
    return replace(choice, judged=True, size=header.size, forecast=found)
