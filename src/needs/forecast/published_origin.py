"""What each method would have said on the day that a printed forecast starts from, and what came.

Only what was known on that day is used: the authority's printed counts up to then, and how far
all authorities' counts had moved by then. The published outcomes judge.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs.care.published_figures import cell, combined, own, select, source_of, words_for
from needs.forecast.published_inputs import (
    PROJECTED,
    DemandTable,
    by_period,
    demand_table_of,
    outcome_rows,
    outcomes_of,
)
from needs.forecast.published_method import implied_growth, project, reduction_factor
from needs.forecast.series.changes import LEVELS_OF, changes_known
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Chart, Layout, Measure, Result, Sentence

__all__ = ["OURS", "Origin", "demand_origin"]

OURS = "pooled"
OUTCOME = "outcome"
WORDS = {
    OUTCOME: "Outcome printed",
    "printed": "As printed, its year read as the March of that year",
    "printed_next": "As printed, its year read as the March after it",
    "from_count": "Its growth carried on from the March count",
    "stated": "Published method from the March count, reduction every year",
    "shares": "Published method from the March count, growth of the years before",
    "last_value": "Last count held",
    "drift": "Line through the counts known, carried on",
    OURS: "Annual totals, errors of all authorities pooled",
}
LOW, HIGH = "pooled_low", "pooled_high"
COUNCIL = ("printed", "printed_next", "from_count")
YEARS = 3
"""Years ahead that are scored."""

ERRORS = (
    Measure("error_n", "Error, children", "children_forecast"),
    Measure("error_pct", "Error, per cent", "percent1"),
)
MEANS = (
    Measure("mean_error_n", "Mean error either way, children", "children_forecast"),
    Measure("mean_error_pct", "Mean error either way", "percent1"),
)


def known_counts(data: StudyData, year: int) -> pd.DataFrame:
    """Return the printed counts of all children at 31 March up to a year, oldest first.

    Returns
    -------
    DataFrame
        One row a year, column ``year`` (int) beside those of a printed figure.

    Raises
    ------
    InputMissing
        If the count of that year is not printed.
    """
    rows = select(data, "children_n", group=ALL, area=own(data), by="")
    rows = rows[rows["month"].str.endswith("-03")]
    rows = rows.assign(year=rows["month"].str[:4].astype(int))
    rows = rows[rows["year"] <= year].drop_duplicates("year", keep="last").sort_values("year")
    if rows.empty or rows["year"].iloc[-1] != year:
        raise InputMissing("published")
    return rows


def _growth(known: pd.DataFrame) -> tuple[float, float]:
    """Return children a year, and the factor a year, between the first and last known count."""
    first, last = known.iloc[0], known.iloc[-1]
    span = int(last["year"]) - int(first["year"])
    if span == 0:
        return 0.0, 1.0
    slope = float(last["value"] - first["value"]) / span
    return slope, float(last["value"] / first["value"]) ** (1 / span)


def _ranges(count: float, year: int, ahead: int) -> pd.DataFrame:
    """Return our quantiles: index years, columns of :data:`LEVELS_OF`; empty where unknown."""
    found = {str(year + h): changes_known(year, h) for h in range(1, ahead + 1)}
    rows = {y: np.maximum(count * (1 + q), 0) for y, q in found.items() if q is not None}
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(LEVELS_OF))


def _forecasts(demand: DemandTable, known: pd.DataFrame, years: list[str]) -> pd.DataFrame:
    """Return what each method says: index years, one column a method."""
    totals, year = demand.totals, int(demand.totals.index[0])
    count, n = float(known["value"].iloc[-1]), len(years)
    slope, factor = _growth(known)
    cut = demand.reduction_pct
    # The first printed growth is of a year without reduction: population alone.
    first = implied_growth(totals.to_numpy()[:2], np.ones(2))[0]
    stated = project(
        count,
        np.full(n, first),
        reduction_factor(n + 1, cut, demand.first_reduced, "every_period"),
    )
    ahead = np.arange(1, n + 1)
    later = totals.set_axis([str(int(y) + 1) for y in totals.index])
    frame = pd.DataFrame(
        {
            "printed": totals.reindex(years),
            "printed_next": later.reindex(years),
            "from_count": (totals * count / totals.iloc[0]).reindex(years),
            "stated": stated[1:],
            "shares": count * (factor * (1 - cut / 100)) ** ahead,
            "last_value": count,
            "drift": np.maximum(count + slope * ahead, 0),
        },
        index=pd.Index(years),
    )
    ranges = _ranges(count, year, n)
    return frame.assign(**{OURS: ranges[0.5]}) if len(ranges) == n else frame


class Origin:
    """A printed forecast's first March: what was known, said by each method, and what came."""

    def __init__(self, data: StudyData) -> None:
        self.demand, outcome = demand_table_of(data), outcomes_of(data)[ALL].dropna()
        self.year = int(self.demand.totals.index[0])
        wanted = [str(self.year + h) for h in range(1, YEARS + 1)]
        self.years = [y for y in wanted if y in outcome.index]
        if len(self.years) < YEARS:
            raise InputMissing("published")
        self.known = known_counts(data, self.year)
        self.outcome = outcome.reindex(self.years)
        self.said = _forecasts(self.demand, self.known, self.years)
        self.error = self.said.sub(self.outcome, axis=0)
        self.ranges = _ranges(float(self.known["value"].iloc[-1]), self.year, YEARS)
        self.rows = pd.concat([self.demand.rows, self.known, outcome_rows(data)])

    @property
    def mean(self) -> pd.Series[float]:
        """Mean absolute error of each method, in children."""
        return self.error.abs().mean()


def demand_origin(data: StudyData) -> Result:
    """Return what each method would have said at the forecast's first March, and its error.

    Parameters
    ----------
    data : StudyData
        Its published figures of measures ``projected_n``, ``fixed_share_pct`` and
        ``children_n`` (the count of that March, and of the three after it).

    Returns
    -------
    Result
        ``published_origin``: by method and year ``projected_n``, ``error_n`` (forecast less
        outcome, children) and ``error_pct``; over the years ``mean_error_n`` and
        ``mean_error_pct``. Methods: the printed forecast under three readings of its base; the
        published method worked out from the March count under two readings of its growth; the
        last count; the line through the counts known; our own for annual totals.

    Raises
    ------
    InputMissing
        If there is no such table, or a count is not printed.

    Notes
    -----
    Our own is the last value moved by quantiles of the changes of all authorities
    (:mod:`needs.forecast.series.changes`); its middle is their median change.
    """
    name, area, o = "published_origin", own(data), Origin(data)
    lines = pd.concat([o.outcome.rename(OUTCOME), o.said], axis=1)
    percent = 100 * o.error.div(o.outcome, axis=0)
    edges = o.ranges.rename(columns={0.1: LOW, 0.9: HIGH})[[LOW, HIGH]] if len(o.ranges) else None
    drawn = lines if edges is None else pd.concat([lines, edges], axis=1)
    means = pd.concat(
        [
            _of_methods(o.mean, "mean_error_n"),
            _of_methods(percent.abs().mean(), "mean_error_pct"),
        ]
    )
    where = data.study.authority.short_name
    return Result(
        name=name,
        title="What each method would have said, and what came",
        subtitle=f"Children at the end of March, {where}, forecast from {o.year}",
        table=combined(
            by_period(lines, area, measure="projected_n"),
            by_period(o.error, area, measure="error_n"),
            by_period(percent, area, measure="error_pct"),
            means.assign(area=area),
            by_period(drawn, area, measure="line_n"),
        ),
        measures=(
            PROJECTED,
            *ERRORS,
            *MEANS,
            Measure("line_n", "Children", "children_forecast"),
        ),
        labels=words_for(data, [ALL])
        | WORDS
        | {LOW: "Low, four times in five", HIGH: "High, four times in five", "group": "Method"},
        source=source_of(data, o.rows),
        layout=Layout(
            ("group",),
            ("measure", "period"),
            ("projected_n", "error_n", "mean_error_n", "mean_error_pct"),
        ),
        text=_who_won(name, o, area),
        charts=(_picture(o, where),),
        notes=_NOTES,
        published=True,
    )


_NOTES = (
    "An error below nought means that the forecast was too low. The mean takes errors without "
    "their sign. Percentage errors of single years are in the table of all figures.",
    "The population projections behind the printed totals are not printed. Where the method is "
    "worked out from the March count, its growth is therefore taken from elsewhere: the growth "
    "of the first two totals, before any reduction, or that of the counts known before.",
    "The printed forecast was refreshed after its first years had passed: it knew more of them "
    "than the methods beside it, which knew the counts up to the first March alone.",
)


def _of_methods(values: pd.Series[float], measure: str) -> pd.DataFrame:
    return pd.DataFrame({"group": values.index, "measure": measure, "value": values.to_numpy()})


def _picture(o: Origin, where: str) -> Chart:
    ours = OURS in o.said
    kept = (OUTCOME, "printed", "last_value", *((OURS,) if ours else ("drift",)))
    return Chart(
        "origin",
        "line",
        "line_n",
        "Forecasts from the first March, and what came",
        f"Children at the end of March, {where}",
        "Lines for the outcome and for forecasts made from the first March"
        + ("; shaded between the low and the high of our own." if ours else "."),
        include={"group": (*kept, *((LOW, HIGH) if ours else ()))},
        band=(LOW, HIGH) if ours else (),
    )


def _who_won(name: str, o: Origin, area: str) -> tuple[Sentence, ...]:
    """Return which method was least far out, and whether so few outcomes can tell."""

    def mean(group: str) -> str:
        return cell(name, measure="mean_error_n", group=group, area=area)

    best = str(o.mean.idxmin())
    council = str(o.mean[list(COUNCIL)].idxmin())
    said = [
        Sentence(
            "Least far out over the three years, by {mean} children on average: {method}.",
            {"mean": mean(best)},
            {"method": WORDS[best]},
        ),
        Sentence(
            "The printed forecast was out by {printed} under its plain reading, and by {least} "
            "under the reading that suits it best: {reading}. Holding the last count was out by "
            "{held}.",
            {"printed": mean("printed"), "least": mean(council), "held": mean("last_value")},
            {"reading": WORDS[council]},
        ),
    ]
    if OURS in o.said:
        rank = "better" if o.mean[OURS] < o.mean[council] else "no better"
        said.append(
            Sentence(
                "Our own method for annual totals was out by {ours}: {rank} than the printed "
                "forecast under any reading.",
                {"ours": mean(OURS)},
                {"rank": rank},
            )
        )
    return (*said, _can_tell(o))


def _can_tell(o: Origin) -> Sentence:
    """Return whether the outcomes can tell the methods apart."""
    out = [
        WORDS[str(m)]
        for m in o.said
        if len(o.ranges)
        and not o.said[m].between(o.ranges[0.1], o.ranges[0.9], inclusive="both").all()
    ]
    if not len(o.ranges):
        return Sentence(
            "Three outcomes after one origin are one trial: they cannot tell which is best."
        )
    if not out:
        return Sentence(
            "Three outcomes cannot tell which method is best. They follow one origin, and are one "
            "trial rather than three; and every forecast above lies within the range that four "
            "authorities in five had kept to before."
        )
    return Sentence(
        "Three outcomes after one origin are one trial, and cannot tell close methods apart. Only "
        "these left the range that four authorities in five had kept to before: {methods}.",
        words={"methods": ", ".join(out)},
    )
