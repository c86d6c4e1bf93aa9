"""Health and offending of children looked after for a year, from the table OC2 of the returns."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.counted import counted_episodes
from needs.vocabulary.records import Records
from needs.vocabulary.study import Scope

__all__ = [
    "INDICATORS",
    "NO",
    "OUTSIDE",
    "UNKNOWN",
    "YES",
    "entered",
    "health_states",
    "long_enough",
]

YES, NO, UNKNOWN, OUTSIDE = "yes", "no", "not_known", ""
"""States of a child by an indicator: the last is not in its base."""

INDICATORS: Mapping[str, str] = MappingProxyType(
    {
        "health_assessment": "Health assessment up to date",
        "development": "Developmental checks up to date, aged under five",
        "dental": "Teeth checked by a dentist",
        "immunised": "Immunisations up to date",
        "substance_misuse": "Substance misuse problem identified",
        "intervention": "Substance misuse: received an intervention, of those identified",
        "refused": "Substance misuse: offered an intervention and refused it, of those identified",
        "convicted": "Convicted or cautioned, aged ten and over",
    }
)
"""Indicator -> words, in printed order."""

_COLUMNS = {
    "health_assessment": "health_assessment",
    "development": "health_check",
    "dental": "teeth_check",
    "immunised": "immunisations",
    "substance_misuse": "substance_misuse",
    "convicted": "convicted",
}
_UNDER, _FROM = 5, 10
_States = npt.NDArray[np.object_]


def entered(records: Records, scope: Scope) -> pd.Series:
    """Return the first day of each period of care that counts, by ``period_of_care``."""
    first = counted_episodes(records, scope).groupby("period_of_care")["start"].min()
    found: pd.Series = first
    return found


def long_enough(records: Records, stock: pd.DataFrame, scope: Scope) -> npt.NDArray[np.bool_]:
    """Return who of the stock at 31 March has been looked after since 1 April or before.

    Parameters
    ----------
    records : Records
    stock : pandas.DataFrame
        ``date`` (31 March) and ``period_of_care``, from :func:`needs.care.stock.stock_on`.
    scope : Scope
        Who counts.

    Notes
    -----
    DfE: looked after at 31 March, and without a break for at least twelve months by then.
    """
    since = entered(records, scope).reindex(stock["period_of_care"]).to_numpy()
    year = stock["date"].to_numpy().astype("datetime64[Y]")
    first = ((year - 1).astype("datetime64[M]") + 3).astype("datetime64[ns]")  # 1 April
    found: npt.NDArray[np.bool_] = since <= first
    return found


def _state(flag: npt.NDArray[np.float64], base: npt.NDArray[np.bool_]) -> _States:
    """Return the state of each child from a flag; a blank one is not known, and not nought."""
    known = np.select([flag == 1, flag == 0], [YES, NO], UNKNOWN)
    return np.where(base, known, OUTSIDE).astype(object)


def health_states(records: Records, stock: pd.DataFrame, scope: Scope) -> pd.DataFrame:
    """Return the state of each child looked after for a year, by every indicator.

    Parameters
    ----------
    records : Records
        With the table ``oc2``.
    stock : pandas.DataFrame
        Stock at one or more 31 March: ``date, child, age, period_of_care``.
    scope : Scope

    Returns
    -------
    pandas.DataFrame
        ``date``, ``child`` and a column for each of :data:`INDICATORS`: ``yes``, ``no``,
        ``not_known`` (no row in the return of the year, or the cell is blank), or empty where
        the child is not in the base. A child whose age is not known is in no base of an age.

    Notes
    -----
    DfE, SSDA903 table OC2 and "Outcomes for children looked after": all at 31 March who had been
    looked after for twelve months; developmental checks of those under 5, convictions of those
    aged 10 and over, interventions of those identified as having a substance misuse problem.
    """
    cohort = stock.loc[long_enough(records, stock, scope), ["date", "child", "age"]]
    cohort = cohort.reset_index(drop=True)
    year = cohort["date"].dt.year
    flags = records.tables["oc2"].drop_duplicates(["return_year", "child"], keep="last")
    rows = cohort.assign(return_year=year).merge(
        flags.drop(columns=["dob"], errors="ignore"), on=["return_year", "child"], how="left"
    )

    def of(column: str) -> npt.NDArray[np.float64]:
        missing = pd.Series(np.nan, index=rows.index)
        return np.asarray(rows.get(column, missing), dtype=np.float64)

    age, everyone = rows["age"].to_numpy(), np.ones(len(rows), dtype=bool)
    bases = {"development": (age >= 0) & (age < _UNDER), "convicted": age >= _FROM}
    out = {k: _state(of(c), bases.get(k, everyone)) for k, c in _COLUMNS.items()}
    identified = out["substance_misuse"] == YES
    received, offered = of("intervention_received"), of("intervention_offered")
    out["intervention"] = _state(received, identified)
    # Whoever received one has refused none; what was offered is asked of the others alone.
    refused = np.where(received == 1, 0.0, np.where(received == 0, offered, np.nan))
    out["refused"] = _state(refused, identified)
    return cohort[["date", "child"]].assign(**{k: out[k] for k in INDICATORS})
