"""The audit of published figures for the command line: read, audit, and write as CSV."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from pathlib import Path

import pandas as pd

from needs.assurance.audit.engine import BETWEEN, VERDICTS, audit
from needs.inputs.registry import open_data
from needs.report.csvs import safe_cell
from needs.vocabulary.errors import Fault, RenderError
from needs.vocabulary.study import Study, load_study

__all__ = ["BETWEEN", "VERDICTS", "audit_study", "write_audit"]


def audit_study(study: Path) -> tuple[Study, pd.DataFrame]:
    """Return a study and the verdict on each of its published figures.

    Parameters
    ----------
    study : Path
        A study.toml, or the folder that holds it.

    Returns
    -------
    Study, DataFrame
        See :func:`needs.assurance.audit.engine.audit`.

    Raises
    ------
    InputMissing
        If the study names no published figures.
    """
    settings = load_study(study)
    data = open_data(settings)
    population = data.population.frame if data.has("population") else None
    return settings, audit(data.published, population)


def write_audit(found: pd.DataFrame, path: Path) -> None:
    """Write the verdicts as CSV: beside the file first, then in its place in one step.

    Raises
    ------
    RenderError
        If the file cannot be written; what stood there before is left alone.
    """
    text = io.StringIO(newline="")
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(found.columns)
    rows.writerows([safe_cell(str(c)) for c in row] for row in found.itertuples(index=False))
    aside = ""
    try:
        handle, aside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            file.write(text.getvalue())
        Path(aside).chmod(0o644)
        Path(aside).replace(path)
    except OSError as error:
        Path(aside).unlink(missing_ok=True) if aside else None
        mend = "name a file in a folder that exists and may be written to"
        fault = Fault(path.name, f"it could not be written ({type(error).__name__})", mend)
        raise RenderError("the audit was not written", [fault]) from None
