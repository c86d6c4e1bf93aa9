"""What one input finds in another: children, days of care, providers, homes, contracts.

Nothing is dropped. What is not found is counted, in rows and in pounds: ``blank`` (the cell
says nothing), ``unknown`` (it names something that is not there), ``outside`` (the child is
known, and was not looked after on those days).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, partial
from typing import cast

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.inputs.tables.declare import NAMES, TableSpec, table_spec
from needs.inputs.tables.reader import RawTable
from needs.vocabulary.records import Records, StudyData, Table
from needs.vocabulary.study import Study

__all__ = ["JOINS", "OUTCOMES", "days_of", "provider_names", "tie"]

Flags = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

OUTCOMES = ("matched", "by_placement", "blank", "unknown", "outside")
"""``by_placement``: a line without a child took that of another line of its placement."""

COLUMNS = ("join", "outcome", "rows_n", "children_n", "gbp")
_IN_CARE = {"costs": ("from", "to"), "assessments": ("date", "date")}
_HOLDERS = {"voids": ("provision_id", "provision"), "provision": ("contract", "contracts")}
_HOLDERS |= {"uplifts": ("contract", "contracts")}
_DAYS_A_WEEK = 7
_FAR = 1 << 20
"""More days than any date of a return lies from 1970."""


def tie(data: StudyData, read: object, name: str) -> Table:
    """Return a table with its children as numbers of the records, and what was matched.

    Parameters
    ----------
    data : StudyData
        Other inputs of the study; a table of children needs its returns.
    read : RawTable
        The table as read.
    name : str
        Name of the input.

    Raises
    ------
    InputMissing
        If the table speaks of children and the study has no returns.
    """
    spec, read = table_spec(name), cast("RawTable", read)
    frame = read.frame
    pounds = _pounds(frame, spec, data.study)
    made: list[pd.DataFrame] = []
    people = None
    if spec.child:
        child, outcome = _children(frame, read.ids, data.records.ids)
        people = _people(frame["child"].to_numpy(), child, len(read.ids))
        frame = frame.assign(child=child)
        made.append(_count("child", outcome, pounds, people))
        if name in _IN_CARE:
            made.append(_care(frame, _IN_CARE[name], pounds, data))
    if spec.provider and data.has("providers"):
        frame, outcome = _providers(frame, spec.provider, data)
        made.append(_count("provider", outcome, pounds, people))
    column, other = _HOLDERS.get(name, ("", ""))
    if other and data.has(other):
        outcome = _held(frame[column], table_of(data, other)[table_spec(other).key[0]])
        made.append(_count(table_spec(other).key[0].removesuffix("_id"), outcome, pounds))
    joins = pd.concat(made, ignore_index=True) if made else pd.DataFrame(columns=list(COLUMNS))
    return Table(frame, read.facts, joins)


def table_of(data: StudyData, name: str) -> pd.DataFrame:
    """Return the rows of another of the authority's tables."""
    return cast("Table", data.read(name)).frame


JOINS = {name: partial(tie, name=name) for name in NAMES}
"""Input name -> the function that ties it to the other inputs of its study."""


# --- pounds ---


def days_of(first: pd.Series, last: pd.Series, as_at: pd.Timestamp) -> Ints:
    """Return the days from one date to another, both counted; a blank end means ``as_at``."""
    end = last.where(last.notna(), as_at)
    days = (end - first).dt.days.to_numpy(float) + 1
    return np.maximum(np.nan_to_num(days), 0).astype(np.int64)


def _pounds(frame: pd.DataFrame, spec: TableSpec, study: Study) -> Floats:
    """Return the pounds of each row up to the study's day; NaN where the table has none."""
    if not spec.weekly:
        return np.full(len(frame), np.nan)
    as_at = pd.Timestamp(study.period.as_at)
    weeks = days_of(frame["from"], frame["to"], as_at) / _DAYS_A_WEEK
    pounds = frame[spec.weekly].to_numpy(float) * weeks
    if spec.amount:
        amount = frame[spec.amount].to_numpy(float)
        pounds = np.where(np.isnan(amount), pounds, amount)
    return np.nan_to_num(pounds)


def _people(own: Ints, found: npt.NDArray[np.int32], n: int) -> Ints:
    """Return a number for the child of each row; a row that names none may be of any child."""
    named = np.where(own >= 0, own, n + np.arange(len(own)))
    return np.where(found >= 0, found, -1 - named).astype(np.int64)


def _count(
    join: str, outcome: npt.NDArray[np.str_], pounds: Floats, people: Ints | None = None
) -> pd.DataFrame:
    """Return rows, children (NaN where rows are of none) and pounds of each outcome."""
    child = np.full(len(outcome), np.nan) if people is None else people
    counted = pd.DataFrame({"outcome": outcome, "rows_n": 1, "child": child, "gbp": pounds})
    made = counted.groupby("outcome").agg(
        rows_n=("rows_n", "sum"),
        children_n=("child", "nunique"),
        gbp=("gbp", lambda s: s.sum(min_count=1)),
    )
    if people is None:
        made["children_n"] = np.nan
    ordered = made.reindex([o for o in OUTCOMES if o in made.index])
    return ordered.rename_axis("outcome").reset_index().assign(join=join)[list(COLUMNS)]


# --- children and their days of care ---


def _children(
    frame: pd.DataFrame, own: pd.Index, records: pd.Index
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.str_]]:
    """Return each row's child as a number of the records, and how it was found."""
    number = frame["child"].to_numpy()
    spot = np.append(records.get_indexer(own), -1).astype(np.int32)
    child = spot[number]
    outcome = np.select([child >= 0, number < 0], ["matched", "blank"], "unknown")
    if "placement_ref" not in frame:
        return child, outcome
    lent = _by_placement(frame["placement_ref"], child, number < 0)
    child = np.where(lent >= 0, lent, child).astype(np.int32)
    return child, np.where(lent >= 0, "by_placement", outcome)


def _by_placement(
    placement: pd.Series, child: npt.NDArray[np.int32], blank: Flags
) -> npt.NDArray[np.int32]:
    """Return, for rows without a child, the one child of other lines of their placement."""
    ref = placement.cat.codes.to_numpy()
    known = pd.DataFrame({"ref": ref, "child": child})[(child >= 0) & (ref >= 0)]
    of_ref = known.groupby("ref")["child"].agg(["min", "max"])
    one = of_ref.loc[of_ref["min"] == of_ref["max"], "min"]
    found = pd.Series(ref).map(one).fillna(-1).to_numpy(np.int32)
    return np.where(blank & (ref >= 0), found, -1).astype(np.int32)


def _care(
    frame: pd.DataFrame, span: tuple[str, str], pounds: Floats, data: StudyData
) -> pd.DataFrame:
    """Return rows and pounds in care, and outside it; a line partly in care is parted."""
    as_at = pd.Timestamp(data.study.period.as_at)
    first, last = frame[span[0]], frame[span[1]]
    child = frame["child"].to_numpy()
    days = days_of(first, last, as_at)
    inside = np.minimum(_days_in_care(child, first, days, data.records), days)
    known = child >= 0
    share = inside / np.maximum(days, 1)
    outcome = np.where(inside > 0, "matched", "outside")[known]
    of_child = child[known].astype(np.int64)
    made = _count("care", outcome, pounds[known], of_child).set_index("outcome")
    if not np.isnan(pounds).any() and len(made):
        made = made.reindex(["matched", "outside"])
        for counted in ("rows_n", "children_n"):
            made[counted] = made[counted].fillna(0).astype(int)
        made["gbp"] = [(pounds * share)[known].sum(), (pounds * (1 - share))[known].sum()]
        made["join"] = "care"
    return made.reset_index()[list(COLUMNS)]


def _days_in_care(
    child: npt.NDArray[np.int32], first: pd.Series, days: Ints, records: Records
) -> Ints:
    """Return how many of the days from ``first`` on each child was looked after."""
    periods = (
        records.episodes.assign(open=records.episodes["dec"].isna())
        .groupby("period_of_care")
        .agg(
            child=("child", "first"),
            start=("decom", "min"),
            end=("dec", "max"),
            open=("open", "any"),
        )
        .sort_values(["child", "start"])
    )
    start = _day(periods["start"])
    end = np.where(periods["open"], _FAR // 2, _day(periods["end"]))
    key = periods["child"].to_numpy(np.int64) * _FAR + start
    before = np.concatenate([[0], np.cumsum(end - start + 1)])

    def until(day: Ints) -> Ints:
        """Return days of care, of this child and all before it, up to the end of a day."""
        spot = np.searchsorted(key, child.astype(np.int64) * _FAR + day, side="right")
        last = np.maximum(spot - 1, 0)
        own = (spot > 0) & (periods["child"].to_numpy()[last] == child)
        over = np.where(own, np.maximum(end[last] - day, 0), 0)
        result: Ints = before[spot] - over
        return result

    if not len(periods):
        return np.zeros(len(child), np.int64)
    day = _day(first)
    return until(day + days - 1) - until(day - 1)


def _day(days: pd.Series) -> Ints:
    return days.to_numpy("datetime64[D]").astype(np.int64)


# --- providers, homes, contracts ---


@cache
def _name_key(words: str) -> str:
    """Return a provider's name as it is compared: no case, no marks, no legal form."""
    text = words.casefold().replace("&", " and ")
    parts = re.findall(r"[a-z0-9]+", text)
    return " ".join(p for p in parts if p not in {"ltd", "limited", "plc", "llp", "cic"})


def provider_names(providers: pd.DataFrame, study: Study) -> Mapping[str, str]:
    """Return each name of a provider, as compared, and the name that this study uses."""
    own = study.authority
    names = {_name_key(n): own.short_name for n in (own.short_name, own.name)}
    for column in ("provider", "alias"):
        pairs = providers[[column, "provider"]].dropna().drop_duplicates().astype(str)
        names |= {_name_key(n): p for n, p in pairs.itertuples(index=False)}
    return names


def _providers(
    frame: pd.DataFrame, column: str, data: StudyData
) -> tuple[pd.DataFrame, npt.NDArray[np.str_]]:
    """Return the frame with the study's own names of providers, and how they were found."""
    providers = data.providers.frame
    names = provider_names(providers, data.study)
    given = frame[column]
    lookup = {n: names.get(_name_key(n)) for n in given.cat.categories}
    found = given.astype(object).map(lookup)
    if "urn" in frame:
        of_urn = providers.dropna(subset=["urn"]).drop_duplicates("urn")
        by_urn = dict(zip(of_urn["urn"], of_urn["provider"], strict=True))
        found = found.fillna(frame["urn"].astype(object).map(by_urn))
    outcome = np.where(found.notna(), "matched", "unknown")
    named = found.fillna(given.astype(object)).astype("category")
    return frame.assign(**{column: named}), outcome


def _held(named: pd.Series, known: pd.Series) -> npt.NDArray[np.str_]:
    """Return whether each id is one that the other table holds."""
    there = named.astype(object).isin(set(known.astype(object))).to_numpy(bool)
    return np.select([named.isna().to_numpy(bool), there], ["blank", "matched"], "unknown")
