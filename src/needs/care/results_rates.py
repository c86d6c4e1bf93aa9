"""Chapter 20: children looked after, started and ceased, for each 10,000 aged 0 to 17."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.basis import COUNTING_RULE, Basis
from needs.care.flows import flow_counts
from needs.care.results_flows import flow_rule, with_windows
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.official import aged_0_to_17
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)

__all__ = ["COUNTED", "rates"]

NAME = "cla_rates"
COUNTED = {
    "stock_end_n": "Looked after at the end",
    "started_n": "Started in the year",
    "ceased_n": "Ceased in the year",
}
"""Counts that rates are made of; each is the number that ``cla_flows`` prints."""

_RATE = {k: k.removesuffix("_n") + "_rate" for k in COUNTED}
_RULE = (
    "Rates are for each ten thousand children aged 0 to 17, in whole numbers, as the DfE prints "
    "them. The population is the estimate for 30 June before the end of the year: the rate at "
    "31 March stands on the estimate of nine months before. A later estimate of the same day "
    "changes the rate."
)


def rates(data: StudyData) -> Result:
    """Return the rates of children looked after, started and ceased (``cla_rates``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns and the input ``population``.

    Returns
    -------
    Result
        By reporting year: the counts of ``cla_flows``, the population aged 0 to 17
        (``population_n``), and each count over it, for each 10,000. A rate is hidden with its
        count. A part of a year has no rate of starting or ceasing.

    Raises
    ------
    InputMissing
        If the study has no population of the authority for any year shown.

    Notes
    -----
    DfE, *Children looked after in England*, methodology: the numerator over ONS's mid-year
    estimate of children aged 0 to 17 of the year before, times 10,000, rounded to a whole.
    """
    basis = with_windows(data)
    people = _people(data, basis)
    counts = flow_counts(basis.records, basis.shown.windows, basis.scope)
    return Result(
        name=NAME,
        title="Rates for each ten thousand children",
        subtitle=basis.flow_subtitle("Children looked after, started and ceased, over population"),
        table=_table(basis, counts, people),
        measures=(
            *(Measure(k, words, "children") for k, words in COUNTED.items()),
            Measure("population_n", "Population aged 0 to 17", "count"),
            *(Measure(_RATE[k], words, "rate_per_10k", "", (k,)) for k, words in COUNTED.items()),
        ),
        labels={ALL: f"All {basis.label}", **basis.window_labels},
        source=f"{basis.source}; {_source(data)}",
        layout=Layout(rows=("measure",), columns=("period",)),
        text=_said(basis, people, bool(counts["stock_end_n"].iloc[-1])),
        charts=_chart(basis),
        notes=(
            COUNTING_RULE,
            flow_rule(basis.study.counting),
            _RULE,
            *(_SCOPE for _ in [0] if not basis.scope.unaccompanied),
            *basis.shown.notes,
        ),
        settings={**basis.settings(), "population_day": "30 June before the end of the year"},
    )


def _people(data: StudyData, basis: Basis) -> npt.NDArray[np.float64]:
    """Return the population of each year shown, NaN where it is not known."""
    known = aged_0_to_17(data.population.frame)
    code = data.study.authority.ons_code
    years = [w.year.start.year for w in basis.shown.windows]
    people = np.array([float(known.get((code, y), np.nan)) for y in years], dtype=float)
    if np.isnan(people).all():
        raise InputMissing("population")
    return people


def _table(basis: Basis, counts: pd.DataFrame, people: npt.NDArray[np.float64]) -> pd.DataFrame:
    whole = np.array([not w.part for w in basis.shown.windows])
    rows = []
    for key, rate in _RATE.items():
        n = counts[key].to_numpy(dtype=float)
        fair = whole | (key == "stock_end_n")
        value = np.where(fair, 10_000 * n / people, np.nan)
        marker = np.where(~fair, "z", np.where(np.isnan(people), "x", ""))
        rows.append(_rows(basis, key, n, np.full(len(n), "")))
        rows.append(_rows(basis, rate, value, marker))
    rows.append(_rows(basis, "population_n", people, np.where(np.isnan(people), "x", "")))
    return long_table(pd.concat(rows, ignore_index=True))


_SCOPE = (
    "Unaccompanied children are left out of the counts here, and the DfE counts them: these "
    "rates are lower than its own."
)


def _rows(basis: Basis, measure: str, value: np.ndarray, marker: np.ndarray) -> pd.DataFrame:
    return pd.DataFrame(
        {"period": basis.window_keys, "measure": measure, "value": value, "marker": marker}
    )


def _source(data: StudyData) -> str:
    """Return the vintage of the population: its files, and the last mid-year that they give."""
    frame = data.population.frame
    mine = frame[frame["area_code"] == data.study.authority.ons_code]
    files = ", ".join(sorted(set(mine["file"].astype(str))))
    return f"population: {files}, estimates up to mid-{mine['mid_year'].max()}"


def _said(basis: Basis, people: np.ndarray, some: bool) -> tuple[Sentence, ...]:
    last = basis.shown.windows[-1]
    if np.isnan(people[-1]) or not some:
        return ()
    template = "{year}: {stock} children looked after for each ten thousand {aged}"
    refs = {"stock": figure_id(NAME, _RATE["stock_end_n"], ALL, last.key)}
    if not last.part:
        template += "; {started} started and {ceased} ceased in the year"
        refs |= {
            k.removesuffix("_n"): figure_id(NAME, _RATE[k], ALL, last.key)
            for k in ("started_n", "ceased_n")
        }
    words = {"year": basis.window_labels[last.key], "aged": "aged 0 to 17"}
    return (Sentence(f"{template}.", refs, words),)


def _chart(basis: Basis) -> tuple[Chart, ...]:
    if len(basis.shown.windows) < 2:
        return ()
    title = "Children looked after for each ten thousand"
    return (
        Chart(
            key="trend",
            kind="line",
            measure=_RATE["stock_end_n"],
            title=title,
            subtitle=basis.flow_subtitle(title),
            alt=f"Line chart, one point for each reporting year: {title}.",
        ),
    )
