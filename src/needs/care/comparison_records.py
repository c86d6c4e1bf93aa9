"""Chapter 25: the authority's own counts beside what each official release printed."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from needs.care.basis import Basis
from needs.care.comparison import SOURCE
from needs.care.comparison_areas import in_text
from needs.care.results_flows import flows
from needs.care.results_restated import why_restated
from needs.care.results_stock import stock
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.kin import STUDY
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Check,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)

__all__ = ["COUNTS", "count_of", "own_counts", "records"]

NAME = "comparison_records"
COUNTS = {
    "children_n": "Children looked after at 31 March",
    "started_n": "Started in the year",
    "ceased_n": "Ceased in the year",
}
_FIRST, _NEWEST = "first_n", "newest_n"
_MEASURES = (
    Measure(_FIRST, "As first released", "children"),
    Measure(_NEWEST, "As last released", "children"),
    Measure("records_n", "Counted from the records now", "children"),
    Measure("off_first_n", "Records less first release", "count", "", ("records_n",)),
    Measure("off_newest_n", "Records less last release", "count", "", ("records_n",)),
)
_SYNTHETIC = (
    "The records are synthetic: a difference shows how the table works, and says nothing of the "
    "authority."
)


@STUDY.followed_by
def records(data: StudyData) -> Result:
    """Return own counts of each year beside the first and the last official release of them.

    Parameters
    ----------
    data : StudyData
        A study with comparators and SSDA903 returns.

    Returns
    -------
    Result
        ``comparison_records``: rows by count (``group``) and reporting year. ``first_n`` and
        ``newest_n`` are the releases' own numbers, kept as printed; ``newest_n`` is marked
        ``r`` where the DfE restated, ``records_n`` where the records as they are now give
        another number than the first release did.

    Raises
    ------
    InputMissing
        If the study lacks comparators or returns, or they have no year in common.

    Notes
    -----
    The result is not a published one: own counts pass disclosure control, and a difference is
    hidden with the count it is made from.
    """
    basis = Basis.of(data)
    joint = _official(data).join(own_counts(data), how="inner")
    if joint.empty:
        raise InputMissing("comparators")
    joint = joint.assign(
        off_first_n=joint["records_n"] - joint[_FIRST],
        off_newest_n=joint["records_n"] - joint[_NEWEST],
    )
    return Result(
        name=NAME,
        title="The authority's records and the published figures",
        subtitle=f"Own counts beside official releases, {data.study.authority.name}",
        table=_marked(joint),
        measures=_MEASURES,
        labels={**COUNTS, "group": "Count"},
        source=f"{basis.source}; {SOURCE}",
        layout=Layout(("group", "measure"), ("period",)),
        text=_said(joint),
        checks=(_check(joint),),
        notes=(
            "Published figures stay as they were printed. An r stands at a number that differs "
            "from the first release: at a release, because the DfE restated it; at the records, "
            "because returns handed in or mended since then change who is counted, or because "
            "the scope of the study is not the DfE's.",
            f"Scope of the study: {basis.scope.words(basis.label)}",
            *_reasons(data),
            *((_SYNTHETIC,) if data.study.report.synthetic else ()),
        ),
        settings=basis.settings(),
        leans_on={
            figure_id(NAME, m, measure, year): (count_of(measure, year),)
            for measure, year in joint.index
            for m in ("records_n", "off_first_n", "off_newest_n")
        },
    )


def _reasons(data: StudyData) -> list[str]:
    """Return, for each count that later returns changed, the years and why."""
    said = why_restated(data)
    return [
        f"{COUNTS[m]}, changed by later returns. {why}. Chapter 20 has the counts."
        for m, why in said.items()
    ]


def count_of(measure: str, year: str) -> str:
    """Return the id of chapter 20's count of a reporting year."""
    if measure == "children_n":
        return figure_id("cla_stock", measure, ALL, ReportingYear.parse(year).end.isoformat())
    return figure_id("cla_flows", measure, ALL, year)


def _check(joint: pd.DataFrame) -> Check:
    """Return whether the records give what was first released."""
    changed = joint["off_first_n"] != 0
    return Check(
        "Records give the counts that were first released",
        "review" if changed.any() else "pass",
        f"counts that differ: {int(changed.sum())} of {len(joint)}",
        tuple(count_of(measure, year) for measure, year in joint.index),
    )


def _official(data: StudyData) -> pd.DataFrame:
    """Return the first and the newest released number, by count and year."""
    frame = data.comparators.frame
    at = (
        (frame["area_code"] == data.study.authority.ons_code)
        & frame["measure"].isin(list(COUNTS))
        & (frame["group"] == ALL)
    )
    rows = in_text(frame[at]).dropna(subset="value").sort_values("vintage")
    by = rows.groupby(["measure", "period"])["value"]
    return pd.concat({_FIRST: by.first(), _NEWEST: by.last()}, axis=1)


def own_counts(data: StudyData) -> pd.DataFrame:
    """Return chapter 20's counts of whole reporting years, by count and year."""
    rows = pd.concat([stock(data).table, flows(data).table])
    rows = rows[rows["measure"].isin(list(COUNTS))].copy()
    rows["period"] = [_year(p) for p in rows["period"]]
    rows = rows[rows["period"] != ""]
    return rows.set_index(["measure", "period"])[["value"]].rename(columns={"value": "records_n"})


def _year(period: str) -> str:
    """Return the reporting year of a 31 March or of a year; empty for any other period."""
    try:
        return str(ReportingYear.parse(period))
    except ValueError:
        pass
    day = dt.date.fromisoformat(period)
    return str(ReportingYear(day.year)) if (day.month, day.day) == (3, 31) else ""


def _marked(joint: pd.DataFrame) -> pd.DataFrame:
    """Return the long table; a number that differs from the first release is marked."""
    rows = joint.rename_axis(index=["group", "period"]).reset_index()
    out = rows.melt(["group", "period"], var_name="measure")
    first = rows.set_index(["group", "period"])[_FIRST]
    at = pd.MultiIndex.from_frame(out[["group", "period"]])
    differs = out["value"].to_numpy() != first.reindex(at).to_numpy()
    restated = out["measure"].isin([_NEWEST, "records_n"]) & differs
    return long_table(out.assign(marker=restated.map({True: "r", False: ""})))


def _said(joint: pd.DataFrame) -> tuple[Sentence, ...]:
    """Return the newest year's own count beside the release of it."""
    years = [p for m, p in joint.index if m == "children_n"]
    if not years:
        return ()
    year = max(years)
    refs = {
        k: figure_id(NAME, m, "children_n", year)
        for k, m in (("own", "records_n"), ("dfe", _FIRST), ("off", "off_first_n"))
    }
    said = (
        "Children looked after at the end of {year}: the first release has {dfe}, the records "
        "{own}; the difference is {off}."
    )
    return (Sentence(said, refs, {"year": year}),)
