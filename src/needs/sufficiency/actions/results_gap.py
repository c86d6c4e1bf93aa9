"""Chapter 85: how much of the gap the plan as a whole closes, with its chance."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.rows import wide_rows
from needs.forecast.ahead import Ahead
from needs.forecast.ahead_words import settings
from needs.sufficiency.actions.plan import DONE, Plan, day_words
from needs.sufficiency.capacity.demand import Service
from needs.sufficiency.capacity.gap import Gaps, counts_today
from needs.vocabulary.kin import STUDY
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Chart, Layout, Measure, Result, Sentence, figure_id

__all__ = ["gap_closed"]

NAME = "board_gap_closed"
REACH = "anywhere"
Floats = npt.NDArray[np.float64]
_MEASURES = (
    Measure("plan_n", "Places of the plan, mean", "places_mean"),
    Measure("short_n", "Children beyond the places, without the plan", "children_forecast"),
    Measure("left_n", "Children beyond the places, with it", "children_forecast"),
    Measure("chance_pct", "Chance of a shortage in a month, without the plan", "percent"),
    Measure("then_pct", "Chance of a shortage in a month, with it", "percent"),
    Measure("closed_pct", "Part of the gap that it closes", "percent"),
)


@dataclass(frozen=True)
class _Counted:
    """Actions of a service: those whose places come in time, and those that have no day."""

    service: Service
    dated: pd.DataFrame
    undated_n: int


@STUDY.followed_by
def gap_closed(data: StudyData) -> tuple[Result, ...]:
    """Return how much of the gap the action plan closes (``board_gap_closed``).

    Parameters
    ----------
    data : StudyData
        A study with an action plan, a table of provision and SSDA903 returns.

    Returns
    -------
    tuple of Result
        By service (``group``) and reporting year ahead: places of the plan, children beyond the
        places to count on without and with it, the chance of a shortage in a month, and the part
        of the gap closed. None where no service has places to count on.

    Notes
    -----
    The draws are those of the gap in chapter 40. A place of the plan is taken to be of use to any
    child of its service, so that it closes as much as it can.
    """
    plan, gaps = Plan.of(data), Gaps.of(data)
    if not gaps.services:
        return ()
    counted = [_of_service(plan, s) for s in gaps.services]
    years = np.array([str(ReportingYear.of(d.date())) for d in gaps.months])
    rows = [row for c in counted for row in _rows(gaps, c, years)]
    table = wide_rows(pd.DataFrame(rows), ["group", "period"])
    study = data.study
    keys = list(dict.fromkeys(years))
    return (
        Result(
            name=NAME,
            title="How much of the gap the plan closes",
            subtitle=f"Places wherever they are, {study.authority.name}",
            table=table,
            measures=_MEASURES,
            labels={s.key: s.label for s in gaps.services} | {k: k for k in keys},
            source=f"{study.authority.short_name}: action plan; the gap of chapter 40",
            layout=Layout(("group", "measure"), ("period",)),
            text=tuple(_said(counted, keys[-1])),
            charts=(
                Chart(
                    key="closed",
                    kind="line",
                    measure="left_n",
                    title="Children beyond the places to count on, with the plan",
                    subtitle=f"Mean over the months of each year, {study.authority.name}",
                    alt="Lines, one for each kind of placement, of children beyond the places.",
                ),
            ),
            notes=_notes(plan),
            settings=settings(Ahead.of(data)),
            leans_on=dict(_leans(data, gaps, table)),
        ),
    )


def _of_service(plan: Plan, service: Service) -> _Counted:
    """Return what actions add to a service; what is complete is in the table of provision."""
    now = plan.now
    mine = now[now["closes"].astype(object).isin(service.types) & (now["rag"] != DONE)]
    mine = mine[pd.to_numeric(mine["places"]).fillna(0) > 0]
    opens = pd.to_datetime(mine["opens"]).fillna(pd.to_datetime(mine["due"]))
    dated = mine.assign(opens=opens)[opens.notna()]
    return _Counted(service, dated, int(opens.isna().sum()))


def _added(counted: _Counted, months: pd.DatetimeIndex) -> Floats:
    """Return places of the plan at the end of each month."""
    d = counted.dated
    if d.empty:
        return np.zeros(len(months))
    first = pd.to_datetime(d["opens"]).to_numpy()[:, None]
    last = pd.to_datetime(d["until"]).fillna(pd.Timestamp.max).to_numpy()[:, None]
    there = (first <= months.to_numpy()) & (months.to_numpy() <= last)
    added: Floats = (there * pd.to_numeric(d["places"]).to_numpy(dtype=float)[:, None]).sum(axis=0)
    return added


def _rows(
    gaps: Gaps, counted: _Counted, years: npt.NDArray[np.str_]
) -> Iterator[dict[str, object]]:
    gap = gaps.found[counted.service.key, REACH]
    added = _added(counted, gaps.months)
    left = np.maximum(gap.short - added, 0)
    for year in dict.fromkeys(years):
        at = years == year
        before, after = float(gap.short[:, at].mean()), float(left[:, at].mean())
        yield {
            "group": counted.service.key,
            "period": str(year),
            "plan_n": float(added[at].mean()),
            "short_n": before,
            "left_n": after,
            "chance_pct": 100 * float((gap.short[:, at] > 0).mean()),
            "then_pct": 100 * float((left[:, at] > 0).mean()),
            "closed_pct": 100 * (1 - after / before) if before else np.nan,
        }


def _said(counted: list[_Counted], last: str) -> Iterator[Sentence]:
    for c in counted:
        if not c.dated.empty:
            yield Sentence(
                "{service}: in {year} the plan has {places} places more on average, which leaves "
                "{left} children beyond the places instead of {short}.",
                {
                    "places": figure_id(NAME, "plan_n", c.service.key, last),
                    "left": figure_id(NAME, "left_n", c.service.key, last),
                    "short": figure_id(NAME, "short_n", c.service.key, last),
                },
                {"service": c.service.label, "year": last},
            )
        else:
            yield Sentence(
                "{service}: no action says how many places it gives and when, so that the plan "
                "closes nothing of this gap that can be counted.",
                {},
                {"service": c.service.label},
            )
        if c.undated_n:
            yield Sentence(
                "{service}: some actions give places but no day on which they can be used; they "
                "are not counted.",
                {},
                {"service": c.service.label},
            )


def _notes(plan: Plan) -> tuple[str, ...]:
    linked = plan.now["closes"].notna()
    loose = plan.now.loc[~linked & (plan.now["rag"] != DONE), "project"]
    told = [
        f"The plan is that of {day_words(plan.as_at)}. A place counts from the day on which it can "
        "be used, or else from the day on which its action is due; each action counts once.",
        "An action that is complete is taken to be in the table of provision. Homes that have "
        "applied for registration are in it too: an action for one of them should give no places, "
        "or they are counted twice.",
        "The gap and its draws are those of chapter forty, places wherever they are. A place of "
        "the plan is taken to fit any child of its kind of placement: it closes no more than this.",
    ]
    if len(loose):
        told.append("Not linked to a gap: " + "; ".join(loose) + ".")
    return tuple(told)


def _leans(
    data: StudyData, gaps: Gaps, table: pd.DataFrame
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield that each row leans on today's counts of its service."""
    on = {s.key: counts_today(data, s) for s in gaps.services}
    for measure, group, period in table[["measure", "group", "period"]].itertuples(index=False):
        yield figure_id(NAME, measure, group, period), on[group]
