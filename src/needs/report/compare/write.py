"""A comparison as files: a page, a workbook and a CSV of every figure."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat

from needs.report.blocks import Chapter
from needs.report.chapters import ChapterSpec
from needs.report.compare.compare import Comparison, Line
from needs.report.compare.pairs import CHANGED
from needs.report.compare.results import (
    LISTED,
    changes_result,
    largest,
    reasons_result,
    summary_result,
    untested_result,
    with_charts,
)
from needs.report.csvs import safe_cell
from needs.report.display import block_bundle, chart_bundle
from needs.report.page import chapter_page
from needs.report.shell import report_page
from needs.report.swap import replacing
from needs.report.workbook import write_workbook
from needs.vocabulary.errors import RenderError
from needs.vocabulary.released import ReleasedResult
from needs.vocabulary.study import Study

__all__ = ["COLUMNS", "chapter_of", "cover_study", "write_comparison", "write_csv"]

COLUMNS = (
    *("id", "figure", "chapter", "kind", "unit", "period_before", "period_now"),
    *(
        "before",
        "now",
        "change",
        "change_pct",
        "chance",
        "beyond_noise",
        "not_tested",
        "cause",
        "why",
    ),
)
FILES = ("index.html", "comparison.csv", "comparison.xlsx")
STATUS = "Draft \N{EN DASH} a working paper, which nobody signs off"
"""What page and workbook say of themselves."""
ABOUT = (
    "Every number on this page is printed by one of the two reports, or is worked out from two "
    "numbers that they print. comparison.csv beside this page has every figure that both have."
)


def write_comparison(folder: Path, c: Comparison) -> Path:
    """Write ``index.html``, ``comparison.csv`` and ``comparison.xlsx``; return the page.

    Parameters
    ----------
    folder : Path
        Replaced in one step, where it holds an earlier comparison; made where it is not there.
    c : Comparison

    Raises
    ------
    RenderError
        If the folder holds something else, or cannot be written to.
    """
    folder = folder.resolve()
    try:
        if folder.exists() and {p.name for p in folder.iterdir()} - set(FILES):
            raise RenderError(f"'{folder.name}' holds something else; give another with --out")
        with replacing(folder, FILES[0]) as aside:
            _write(aside, c)
    except OSError as e:
        raise RenderError(f"the comparison could not be written: {e.strerror or e}") from e
    return folder / "index.html"


def _write(folder: Path, c: Comparison) -> None:
    study = cover_study(c.now.settings, _title(c), synthetic=c.synthetic)
    write_csv(folder / "comparison.csv", c)
    write_workbook(folder / "comparison.xlsx", study, chapters(c, None), status=STATUS)
    pages = [chapter_page(ch) for ch in chapters(c, LISTED)]
    sources = [f"Report {r.name}, reporting year {r.year}" for r in (c.before, c.now)]
    text = report_page(study, pages, sources, about=ABOUT, sign_off=STATUS)
    (folder / "index.html").write_text(text, "utf-8", newline="\n")


def _title(c: Comparison) -> str:
    if c.before.year == c.now.year:
        return "What changed between two reports"
    return f"What changed between the reports of {c.before.year} and {c.now.year}"


def cover_study(settings: Any, title: str, *, synthetic: bool) -> Study:
    """Return what a page's cover needs of a study, whatever version wrote the settings."""
    authority, period = settings["authority"], settings["period"]
    wanted = ("name", "short_name", "dfe_code", "ons_code", "label")
    return Study.model_validate(
        {
            "schema_version": 1,
            "authority": {k: authority[k] for k in wanted if k in authority},
            "period": {k: period[k] for k in ("reporting_year", "as_at")},
            "inputs": {},
            "report": {"title": title, "synthetic": synthetic},
        }
    )


def chapters(c: Comparison, most: int | None) -> list[Chapter]:
    """Return a comparison as chapters, with so many lines to a table at most."""
    first = [summary_result(c), reasons_result(c), untested_result(c)]
    made = [chapter_of("1", "What changed", first)]
    beyond, restated = largest(c.beyond), largest(c.of("restated"))
    ahead = largest(c.of("ahead"))
    rest = largest(x for x in c.of("in_time") if not x.verdict.beyond and x.pair.change)
    for chapter, title, name, lines in (
        ("More than chance", "Changes in time that are more than chance", "beyond", beyond),
        ("Restated", "Figures of the same past period with another number", "restated", restated),
        ("Looked ahead again", "Figures of a period that was still to come", "ahead", ahead),
        ("Other changes", "Changes within chance, and those that cannot be tested", "other", rest),
    ):
        if lines:
            result = changes_result(name, title, lines, c, most)
            result = with_charts(result, lines) if name != "other" else result
            made.append(chapter_of(str(len(made) + 1), chapter, [result]))
    return made


def chapter_of(number: str, title: str, results: Sequence[ReleasedResult]) -> Chapter:
    """Return results as a chapter that pages and workbooks are made of."""
    results = tuple(replace(r, chapter=number) for r in results)
    cells = []
    for k, result in enumerate(results):
        outputs = [nbformat.v4.new_output("display_data", data=block_bundle(result))]  # type: ignore[no-untyped-call]
        outputs += [
            nbformat.v4.new_output(  # type: ignore[no-untyped-call]
                "display_data",
                data=chart_bundle(result, chart),
                metadata={"needs": {"chart": chart.key}},
            )
            for chart in result.charts
        ]
        cell = nbformat.v4.new_code_cell(outputs=outputs)  # type: ignore[no-untyped-call]
        cell["id"] = f"cell-{k}"
        cells.append(cell)
    notebook = nbformat.v4.new_notebook(cells=cells)  # type: ignore[no-untyped-call]
    return Chapter(ChapterSpec(number, title, "", ()), notebook, results)


def write_csv(path: Path, c: Comparison) -> None:
    """Write every figure that both reports have, one a line; columns :data:`COLUMNS`."""
    out = io.StringIO(newline="")
    rows = csv.writer(out, lineterminator="\n")
    rows.writerow(COLUMNS)
    rows.writerows([safe_cell(cell) for cell in _cells(line)] for line in c.lines)
    path.write_text(out.getvalue(), "utf-8", newline="\n")


def _cells(line: Line) -> tuple[str, ...]:
    p, v = line.pair, line.verdict
    changed = p.kind in CHANGED
    return (
        *(p.now.id, line.called, p.now.chapter, p.kind, p.now.unit),
        *(p.before.period, p.now.period, p.before.printed, line.now),
        *("" if p.change is None else str(p.change), line.change_pct.rstrip("%")),
        "" if v.chance is None else f"{v.chance:.4f}",
        v.words if p.kind == "in_time" else "",
        v.why,
        *((line.cause.key, line.why) if changed else ("", "")),
    )
