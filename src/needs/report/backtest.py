"""The backtest of a study for the command line: made, and written as CSV."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from needs.forecast.ahead import Ahead
from needs.forecast.ahead_tests import METHOD_WORDS, usable
from needs.forecast.backtest_scores import VERDICTS, summary, verdicts
from needs.inputs.registry import open_data
from needs.report.audit import write_audit
from needs.report.target import default_target
from needs.vocabulary.errors import Fault, ModelError
from needs.vocabulary.study import load_study

__all__ = ["METHOD_WORDS", "VERDICTS", "backtest_study", "write_backtest"]


def backtest_study(study: Path) -> tuple[Path, pd.DataFrame, pd.DataFrame]:
    """Return where the table goes, scores of the total by method and horizon, and verdicts.

    Only means over several years are in it, and of the total alone: no count of a year.

    Raises
    ------
    InputMissing
        If the study has no SSDA903 returns.
    ModelError
        If too few years are known, or too few children.
    """
    settings = load_study(study)
    ahead = Ahead.of(open_data(settings))
    rows = usable(ahead, ahead.whole)
    if rows.empty:
        rule = "it takes four years of returns, with enough children in each"
        raise ModelError("nothing can be tested", [Fault("ssda903", rule, "add earlier returns")])
    target = default_target(settings)
    return target.parent / f"{target.name}-backtest.csv", summary(rows), verdicts(rows)


def write_backtest(scores: pd.DataFrame, path: Path) -> None:
    """Write scores as CSV: beside the file first, then in its place in one step."""
    path.parent.mkdir(parents=True, exist_ok=True)
    number = scores.select_dtypes("number").columns
    write_audit(scores.assign(**{c: scores[c].map("{:.6g}".format) for c in number}), path)
