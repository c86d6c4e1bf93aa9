"""Chapter 30: the printed tables of needs, beside what the assessments of the same time say.

A study names such tables ``held_specialist_needs`` (measures ``specialist_need_pct`` and
``needs_mean``, group a placement group) and ``held_needs_ranks`` (``need_rank``, group a domain,
by a placement group). They are held against the children looked after at the end of the time
that they are of.
"""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Iterable, Iterator, Mapping

import numpy as np
import pandas as pd

from needs.care.published_figures import own, source_of
from needs.care.windows import day_words
from needs.profiles.needs_basis import GROUPS, Needs, on_day
from needs.profiles.results_placement import BASES, SCORES, filled_scores, score_notes
from needs.profiles.results_ranks import RANK, REDRAWN, ranked
from needs.profiles.withheld import SPECIALIST, on_coverage, together, withheld
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Check, Layout, Measure, Result

__all__ = ["end_of", "printed_needs", "printed_ranks"]

SCORED, RANKS = "held_specialist_needs", "held_needs_ranks"
VERDICT = "Printed, against our range"
PAIRS = {
    "specialist_need_pct": ("printed_pct", "specialist_children_pct", "share"),
    "needs_mean": ("printed_mean", "needs_mean", "average"),
}
"""Measure as typed -> key of the printed number, of ours, and its word."""
_PRINTED = (
    Measure("printed_pct", "With a specialist need, printed", "percent", "", ("printed_pct",)),
    Measure("printed_mean", "Average number of needs, printed", "needs"),
)
_RANK = Measure("printed_rank", "Rank, printed", "count")


def end_of(period: str) -> dt.date:
    """Return the last day of a printed period: a day, a month, a reporting year or a year.

    Examples
    --------
    >>> [end_of(p).isoformat() for p in ("2020", "2020-02", "2020-21", "2021-09-30")]
    ['2020-12-31', '2020-02-29', '2021-03-31', '2021-09-30']
    """
    if len(period) == 4:
        return dt.date(int(period), 12, 31)
    if len(period) == 10:
        return dt.date.fromisoformat(period)
    try:
        return ReportingYear.parse(period).end
    except ValueError:
        year, month = int(period[:4]), int(period[5:])
        return dt.date(year, month, calendar.monthrange(year, month)[1])


def _printed(data: StudyData, table: str, measures: Iterable[str]) -> tuple[pd.DataFrame, Needs]:
    """Return the newest printed figures of a table, and the children at the end of their time.

    Raises
    ------
    InputMissing
        If the study has typed none, or its returns do not reach that day.
    """
    f = data.published.figures
    rows = f[(f["table"] == table) & (f["area"] == own(data)) & f["measure"].isin(list(measures))]
    if rows.empty:
        raise InputMissing("published")
    rows = rows[rows["period"] == sorted(rows["period"], key=end_of)[-1]]
    day = end_of(str(rows["period"].iloc[0]))
    if day > data.records.data_end.date():
        raise InputMissing("ssda903")
    return rows, data.once(f"needs on {day}", lambda: on_day(data, day))


def printed_needs(data: StudyData) -> Result:
    """Return printed shares and averages beside those of the assessments of that time.

    Parameters
    ----------
    data : StudyData
        A study with returns, assessments and the printed table.

    Returns
    -------
    Result
        ``needs_printed``: by placement group: printed share of children with a specialist need,
        ours with its 95% interval, share of needs that are specialist; the same for averages.

    Raises
    ------
    InputMissing
        If an input is not there, or the table is not typed.
    """
    rows, needs = _printed(data, SCORED, PAIRS)
    frame = filled_scores(data, needs, needs.of_assessed("group"))
    frame = frame[frame["method"] == "filled"].drop(columns=["method", "total_mean"])
    frame = frame.drop(columns=["total_mean_lower", "total_mean_upper"]).set_index("group")
    for measure, (key, *_) in PAIRS.items():
        typed = rows[rows["measure"] == measure].set_index("group")["value"].astype(float)
        frame[key] = typed.reindex(frame.index)
    frame = frame[frame[[p[0] for p in PAIRS.values()]].notna().any(axis=1)]
    found = {(g, m): _inside(frame.loc[g], m) for g in frame.index for m in PAIRS}
    shown = [n for m, (key, mine, _) in PAIRS.items()
             for n in (key, mine, f"{mine}_lower_95", f"{mine}_upper_95")]  # fmt: skip
    rows_of = frame.reset_index().assign(period=needs.period)
    table = together(withheld(rows_of, ["period", "group"], needs), SPECIALIST)
    made = Result(
        name="needs_printed",
        title="The printed table of needs, and the assessments",
        subtitle=needs.subtitle("Children looked after, latest assessment then"),
        table=table,
        measures=(
            *_PRINTED,
            SCORES["specialist_children_pct"],
            SCORES["needs_mean"],
            SCORES["specialist_needs_pct"],
        ),
        labels={**GROUPS, ALL: "All", **needs.labels, "group": "Accommodation"},
        source=f"{needs.source}; {source_of(data, rows)}",
        layout=Layout(("group",), ("measure",), (*shown, "specialist_needs_pct")),
        checks=(_check("Printed shares and averages that are shown", _seen(found, table)),),
        notes=(BASES, _held_at(rows, needs), *score_notes(needs)),
        row_notes={VERDICT: {g: _words(found, g) for g in frame.index}},
        guarded=(VERDICT,),
        settings=needs.settings,
    )
    return on_coverage(made, Needs.of(data))


def _inside(row: pd.Series, measure: str) -> bool | None:
    """Return whether a printed number lies in the interval of ours; None where either is not."""
    key, mine, _ = PAIRS[measure]
    printed, low, high = (float(row[c]) for c in (key, f"{mine}_lower", f"{mine}_upper"))
    if not np.isfinite([printed, low, high]).all():
        return None
    return low <= printed <= high


def _seen(
    found: Mapping[tuple[str, str], bool | None], table: pd.DataFrame
) -> Iterator[bool | None]:
    """Yield the verdicts of numbers that are not withheld: a count of all would tell of those."""
    hidden = set(table.loc[table["marker"] == "c", ["group", "measure"]].itertuples(index=False))
    kept = {tuple(k) for k in hidden}
    return (v for (g, m), v in found.items() if (g, PAIRS[m][1]) not in kept)


def _words(found: dict[tuple[str, str], bool | None], group: str) -> str:
    told = {True: "inside", False: "outside"}
    said = [(PAIRS[m][2], told[v]) for m in PAIRS if (v := found[group, m]) is not None]
    return "; ".join(f"{word} {where}" for word, where in said)


def _check(what: str, found: Iterable[bool | None]) -> Check:
    """Return how many printed numbers lie in the intervals: no count of children."""
    known = [v for v in found if v is not None]
    inside = sum(known)
    return Check(
        f"{what} lie inside the 95% ranges",
        "pass" if inside == len(known) else "review",
        f"inside: {inside} of {len(known)}",
    )


def _held_at(rows: pd.DataFrame, needs: Needs) -> str:
    notes = sorted({str(n) for n in rows["note"] if str(n)})
    said = f" What is noted of the printed figures: {'; '.join(notes)}." if notes else ""
    return (
        f"The printed figures are held against the children looked after on "
        f"{day_words(needs.day)}, the end of the time that they are of.{said}"
    )


def printed_ranks(data: StudyData) -> Result:
    """Return printed ranks of domains beside those of the assessments of that time.

    Returns
    -------
    Result
        ``needs_printed_ranks``: domain by placement group: rank as printed, ours, and its 95%
        interval.

    Raises
    ------
    InputMissing
        If an input is not there, or the table is not typed.
    """
    rows, needs = _printed(data, RANKS, ["need_rank"])
    frame = ranked(data, needs).drop(columns="need_pct")
    typed = rows.set_index(["group", "by"])["value"].astype(float)
    keys = pd.MultiIndex.from_frame(frame[["group", "by"]])
    frame = frame.assign(printed_rank=typed.reindex(keys).to_numpy(), period=needs.period)
    frame = frame[frame["printed_rank"].notna()]
    within = frame["printed_rank"].between(frame["rank_lower"], frame["rank_upper"])
    labels = needs.tool.labels
    order = frame[frame["by"] == ALL].sort_values("printed_rank", kind="stable")["group"]
    off = frame[~within].groupby("group")["by"].agg(list)
    words = {**GROUPS, ALL: "All"}
    told = {str(g): ", ".join(words[b] for b in by) for g, by in off.items()}
    made = Result(
        name="needs_printed_ranks",
        title="The printed ranks of needs, and the assessments",
        subtitle=needs.subtitle("Rank of each domain by how many children have a need in it"),
        table=withheld(frame, ["period", "group", "by"], needs, ()),
        measures=(_RANK, RANK),
        labels={
            **{d: labels[d] for d in order if d in labels}, **words, **needs.labels,
            "group": "Domain",
        },
        source=f"{needs.source}; {source_of(data, rows)}",
        layout=Layout(
            ("group",),
            ("by", "measure"),
            ("printed_rank", "rank", "rank_lower_95", "rank_upper_95"),
        ),
        checks=(_check("Printed ranks", [bool(v) for v in within]),),
        notes=(
            _held_at(rows, needs),
            "Ranges: ranks when the children are drawn again, to the next whole rank outwards.",
        ),
        row_notes={"Printed outside our range": told} if told else {},
        settings={**needs.settings, "redrawn": REDRAWN},
    )  # fmt: skip
    return on_coverage(made, Needs.of(data))
