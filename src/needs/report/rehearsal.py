"""What a study's chapters would refuse, found without running a notebook or writing a file."""

from __future__ import annotations

import ast
import json
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path

from needs.report.chapters import ChapterSpec
from needs.report.content_key import masked_study
from needs.report.plan import chapter_sources
from needs.vocabulary.errors import ChapterError, InputMissing, NeedsError
from needs.vocabulary.records import StudyData

__all__ = ["analyses_of", "rehearse"]


def rehearse(data: StudyData) -> None:
    """Make every analysis that the study's chapters show, and stop where a run would.

    Parameters
    ----------
    data : StudyData
        The study; inputs that it has read are not read again.

    Raises
    ------
    StudyError
        If the study names a chapter that does not exist.
    EnvironmentFault
        If a chapter's notebook is not there.
    NeedsError
        The error, of the same class and with the same faults, that would stop the run.
    """
    for spec, source in chapter_sources(data.study):
        seen = StudyData(masked_study(data.study, spec), data.readers, data.joins, data._read)
        for analysis in analyses_of(source):
            _make(analysis, seen, spec)


def _make(analysis: Callable[[StudyData], object], data: StudyData, spec: ChapterSpec) -> None:
    where = f"chapter {spec.number} ({spec.title})"
    try:
        analysis(data)
    except InputMissing:
        return  # the chapter says so, and goes on
    except NeedsError as e:
        error = type(e).__new__(type(e))  # some take other arguments than a message
        NeedsError.__init__(error, f"{where}: {e.message}", e.faults)
        raise error from None
    except Exception as e:  # its text may quote data
        raise ChapterError(f"{where}: unexpected {type(e).__name__}") from e


def analyses_of(notebook: Path) -> Iterator[Callable[[StudyData], object]]:
    """Yield the analyses that a notebook shows, in order: the arguments of ``chapter.show``.

    Parameters
    ----------
    notebook : Path
        Its names come from ``from package import module``; nothing of it is executed.
    """
    cells = json.loads(notebook.read_text("utf-8"))["cells"]
    code = ("".join(c["source"]) for c in cells if c["cell_type"] == "code")
    modules: dict[str, str] = {}
    for node in (n for text in code for n in ast.parse(text).body):
        if isinstance(node, ast.ImportFrom):
            modules |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
        for argument in _shown(node):
            if isinstance(argument.value, ast.Name) and argument.value.id in modules:
                yield getattr(import_module(modules[argument.value.id]), argument.attr)


def _shown(node: ast.stmt) -> list[ast.Attribute]:
    call = node.value if isinstance(node, ast.Expr) else None
    if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
        return []
    return [a for a in call.args if call.func.attr == "show" and isinstance(a, ast.Attribute)]
