"""A chapter as its notebook sees it: open, show."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path

from needs.assurance.release import release
from needs.inputs.registry import open_data
from needs.report.chapters import CHAPTERS, ChapterSpec
from needs.report.content_key import masked_study
from needs.report.display import show
from needs.report.figures import draw
from needs.report.kept import keep_household
from needs.vocabulary.errors import ChapterError, Fault, InputMissing
from needs.vocabulary.file_names import shown_name
from needs.vocabulary.records import StudyData
from needs.vocabulary.released import ReleasedResult
from needs.vocabulary.results import Result
from needs.vocabulary.study import Inputs, load_study

__all__ = ["Chapter", "publish"]

Analysis = Callable[[StudyData], Result | tuple[Result, ...]]

INPUT_WORDS = {
    "ssda903": "the SSDA903 returns",
    "published": "figures typed from published documents",
    "scorecard": "the authority's own scorecard",
    "comparators": "the Department for Education's statistics on children looked after",
    "neighbours": "the list of statistical neighbours",
    "unit_costs": "the section 251 unit costs of the Local Authority Interactive Tool (Department "
    "for Education)",
}


def publish(
    result: Result, data: StudyData, chapter: str, made_by: str = "", reads: Iterable[str] = ()
) -> ReleasedResult:
    """Return a result with its charts, after disclosure control.

    Parameters
    ----------
    result : Result
    data : StudyData
    chapter : str
        Its number.
    made_by : str
        The function that made the result, as ``module.name``.
    reads : iterable of str
        Names of the inputs that it rests on.
    """
    released = release(result, data.study, chapter)
    files = tuple(_file(p) for name in sorted(reads) for p in data.study.inputs.patterns(name))
    charts = tuple(draw(c, result, released) for c in result.charts)
    return replace(released, charts=charts, made_by=made_by, files=files)


def _file(pattern: str) -> str:
    """Return files as the study names them, and none of the folders above it."""
    path = Path(pattern)
    return shown_name(path.name if path.is_absolute() or ".." in path.parts else pattern)


def _name_of(analysis: Analysis) -> str:
    return f"{analysis.__module__}.{getattr(analysis, '__name__', '')}".rstrip(".")


HOW_TO_ADD = (
    "To add it, put the files into the study's folder and name them in study.toml, "
    "section [inputs], key {name}."
)


@dataclass
class Chapter:
    """One chapter of one study; a notebook opens it and shows results through it.

    Parameters
    ----------
    spec : ChapterSpec
        What the chapter is, and what it may use.
    data : StudyData
        The study, cut to what the chapter declares, and its inputs.

    Examples
    --------
    A notebook holds::

        chapter = Chapter.open("20", study)
        chapter.show(stock.by_age, stock.by_placement)
    """

    spec: ChapterSpec
    data: StudyData
    _missing: dict[str, int] = field(default_factory=dict, repr=False)

    @classmethod
    def open(cls, number: str, study: str) -> Chapter:
        """Open a chapter of a study.

        Parameters
        ----------
        number : str
            Chapter number, two digits.
        study : str
            Path of the study file or its folder: as given, or else from a folder above, so
            that a notebook runs from its own folder and from the project's alike.

        Raises
        ------
        ChapterError
            If there is no such chapter.
        StudyError
            If the study file is not there or not valid.
        """
        if number not in CHAPTERS:
            mend = f"take one of {', '.join(CHAPTERS)}"
            raise ChapterError("no such chapter", [Fault("notebook", "unknown number", mend)])
        spec = CHAPTERS[number]
        data = open_data(masked_study(load_study(_locate(study)), spec))
        keep_household(data)
        if "forecast" in spec.settings:
            from needs.report.backtest import keep  # noqa: PLC0415 - heavy, for one chapter

            keep(data)
        return cls(spec, data)

    def show(self, *analyses: Analysis) -> None:
        """Show the results of each analysis, in order, after disclosure control.

        Parameters
        ----------
        *analyses : callable
            Each takes the study's data and returns a result, or a tuple of them. Where an
            input is missing, one line says so in place of all results that need it.
        """
        said: set[str] = set()
        for analysis in analyses:
            try:
                with self.data.watched() as reads:
                    made = analysis(self.data)
            except InputMissing as e:
                if e.input_name not in said:
                    said.add(e.input_name)
                    show(self._absent(e.input_name))
                continue
            for result in made if isinstance(made, tuple) else (made,):
                name = _name_of(analysis)
                show(publish(result, self.data, self.spec.number, name, reads))

    def _absent(self, name: str) -> ReleasedResult:
        """Return the block that says an input is missing, with a name of its own."""
        self._missing[name] = n = self._missing.get(name, 0) + 1
        words = _input_words(name)
        if self.data.has(name):  # its file is there, but not the part that is asked for
            words = f"some of {words if words.startswith('the ') else f'the {words}'}"
        return ReleasedResult(
            kind="missing",
            chapter=self.spec.number,
            name=f"missing_{name}" + (f"_{n}" if n > 1 else ""),
            title="Not shown: an input is missing",
            subtitle="",
            source="",
            scope="",
            synthetic=False,
            notes=(f"What stands here rests on {words}, which this study does not have.",)
            # How to add it is said once a chapter: said each time it drowns the rest.
            + ((HOW_TO_ADD.format(name=name),) if n == 1 else ()),
            absent_key=name,
            absent=words,
        )


def _input_words(name: str) -> str:
    """Return what a reader calls an input."""
    if name in INPUT_WORDS:
        return INPUT_WORDS[name]
    described = Inputs.model_fields[name].description if name in Inputs.model_fields else None
    return f"the input “{described}”" if described else f"the input '{name}'"


def _locate(study: str) -> Path:
    """Return where the study lies, seen from here or from a folder above."""
    path = Path(study).expanduser()
    if path.is_absolute() or path.exists():
        return path
    here = Path.cwd()
    above = (folder / path for folder in here.parents)
    return next((p for p in above if p.exists()), path)
