"""The backtest of a study for the command line and for chapter 50: kept, made, and written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd

from needs.forecast.ahead import tested_of
from needs.forecast.backtest_annual import (
    ANNUAL_WORDS,
    annual_rows,
    annual_totals_of,
    panel_rows,
)
from needs.forecast.backtest_kept import Backtested
from needs.forecast.backtest_scores import VERDICTS, summary, verdicts
from needs.forecast.method_words import METHOD_WORDS as OF_RECORDS
from needs.forecast.shape import TOTAL
from needs.inputs.panel import read_panel
from needs.inputs.registry import open_data
from needs.report.chapters import CHAPTERS, ChapterSpec
from needs.report.content_key import masked_study
from needs.report.kept import KeptFile
from needs.report.target import default_target
from needs.vocabulary.errors import Fault, ModelError
from needs.vocabulary.records import StudyData
from needs.vocabulary.study import load_study

__all__ = ["METHOD_WORDS", "VERDICTS", "backtest_study", "keep", "write_backtest"]

METHOD_WORDS = {**ANNUAL_WORDS, **OF_RECORDS, "england": "Last value, all authorities"}
"""Words that fit beside the scores in a terminal of eighty columns."""

NAME = "backtest kept"
SPEC = ChapterSpec(
    "50",
    "Backtest",
    "",
    ("ssda903", "population", "projections"),
    ("quality", "categories", "seed"),
)
"""What a backtest depends on; scenarios and pages are no part of it."""


def keep(data: StudyData) -> None:
    """Let the analyses of a study use the backtest that was kept, and keep the one they make."""
    if data.study.inputs.patterns("ssda903"):
        more = {"settings.tested_draws": str(data.study.forecast.tested_draws)}
        data.once(NAME, lambda: KeptFile.of(data.study, "backtest", SPEC, more))


def backtest_study(
    study: Path, step: Callable[[str], None] = lambda _: None
) -> tuple[Path, pd.DataFrame, pd.DataFrame]:
    """Return where the table goes, scores of the total by method and horizon, and verdicts.

    Only means over several years are in it, and of the total alone: no count of a year.

    Parameters
    ----------
    study : Path
        A study, or a panel of many authorities' annual totals in CSV.
    step : callable
        Told what is about to be done.

    Raises
    ------
    InputMissing
        If the study has neither SSDA903 returns nor printed totals.
    ModelError
        If too few years are known, or too few children.
    """
    if study.suffix.lower() == ".csv":
        step("every authority of the panel")
        rows = panel_rows(read_panel(study))
        return study.with_name(f"{study.stem}-backtest.csv"), summary(rows), verdicts(rows)
    settings = load_study(study)
    data = open_data(masked_study(settings, CHAPTERS["50"]))
    target = default_target(settings)
    rows = _rows(data, step)
    return target.parent / f"{target.name}-backtest.csv", summary(rows), verdicts(rows)


def _rows(data: StudyData, step: Callable[[str], None]) -> pd.DataFrame:
    if not data.study.inputs.patterns("ssda903"):
        step("printed totals")
        return annual_rows(annual_totals_of(data))
    step("looking for what was kept")
    keep(data)
    tested: Backtested = tested_of(data, step)
    rows = tested.of_groups([TOTAL])
    if rows.empty:
        rule = "it takes four years of returns, with enough children in each"
        raise ModelError("nothing can be tested", [Fault("ssda903", rule, "add earlier returns")])
    return rows


def write_backtest(scores: pd.DataFrame, path: Path) -> None:
    """Write scores as CSV: beside the file first, then in its place in one step."""
    from needs.report.audit import write_audit  # noqa: PLC0415 - notebooks' format, slow

    path.parent.mkdir(parents=True, exist_ok=True)
    number = scores.select_dtypes("number").columns
    write_audit(scores.assign(**{c: scores[c].map("{:.6g}".format) for c in number}), path)
