"""Chapter 45: households and places ahead, and how such forecasts did."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.rows import unavailable, wide_rows
from needs.sufficiency.fostering.ahead import YEARS, Ahead, backtest
from needs.sufficiency.fostering.model import LEAST
from needs.sufficiency.fostering.pipeline import GROUPS, Pipeline
from needs.sufficiency.fostering.results_stock import STOCK, year_keys
from needs.vocabulary.kin import STUDY
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

__all__ = ["AHEAD", "ahead", "tested"]

AHEAD, TESTED = "foster_ahead", "foster_backtest"
_CUTS = {"lower_80": 10.0, "upper_80": 90.0, "lower_95": 2.5, "upper_95": 97.5}
BOUNDS = ("", *(f"_{c}" for c in _CUTS))
_MEASURES = {
    "households": Measure("ahead_n", "Approved households", "households"),
    "places": Measure("ahead_places_n", "Approved places", "places"),
    "approved": Measure("ahead_approved_n", "Approvals in the year", "households"),
    "left": Measure("ahead_left_n", "Deregistrations in the year", "households"),
}
_SHOWN = (
    *(f"ahead_n{end}" for end in BOUNDS),
    *(f"ahead_places_n{end}" for end in BOUNDS),
    "ahead_approved_n",
    "ahead_left_n",
)
NONE = "The table of carers covers too few years to say how approvals and deregistrations go."
_NOTES = (
    "Approvals go on from their level of the latest years, which drifts as it did; households "
    "leave as those did that were approved as long ago. Ranges hold chance, what so few years "
    "leave open, and the drift from year to year. A change of policy is in none of it.",
    "Years run to the same day as the study's last.",
)


def _keys(pipeline: Pipeline) -> dict[str, str]:
    day = pd.Timestamp(pipeline.day, unit="D")
    ahead = [day + pd.DateOffset(years=k) for k in range(YEARS + 1)]
    return {d.date().isoformat(): f"{d.day} {d:%b} {d.year}" for d in ahead}


def _summed(
    group: str, measure: str, keys: list[str], draws: npt.NDArray[np.float64]
) -> pd.DataFrame:
    cuts = {name: np.percentile(draws, q, axis=0) for name, q in _CUTS.items()}
    base = {"group": group, "measure": measure, "period": keys}
    return pd.DataFrame({**base, "value": draws.mean(axis=0), **cuts})


def _now(found: Ahead, today: str) -> Iterator[pd.DataFrame]:
    """Yield what there is on the last day, where the fan begins."""
    for group, fit in found.fits.items():
        places = (fit.stock.sum(axis=0) * np.arange(fit.stock.shape[1])).sum()
        for what, n in (("households", fit.stock.sum()), ("places", places)):
            row = {"group": group, "measure": _MEASURES[what].key, "period": today, "value": n}
            yield pd.DataFrame([row])


@STUDY.followed_by
def ahead(data: StudyData) -> Result:
    """Return households and places on the next five 31 Marches (``foster_ahead``).

    Parameters
    ----------
    data : StudyData
        A study with a table of carers and SSDA903 returns.

    Returns
    -------
    Result
        By kind (``group``) and day: households, places, approvals and deregistrations of the year
        up to it, mean with 80% and 95% ranges.
    """
    found, pipeline = Ahead.of(data), Pipeline.of(data)
    basis = pipeline.basis
    subtitle = f"Foster households and places ahead, {basis.study.authority.name}"
    title = "Foster households and places ahead"
    if found is None or not found.futures:
        return unavailable(basis, AHEAD, title, subtitle, _MEASURES["households"], NONE)
    named = _keys(pipeline)
    keys = list(named)
    each = [
        _summed(g, m.key, keys[1:], np.asarray(getattr(f, what), dtype=float))
        for what, m in _MEASURES.items()
        for g, f in found.futures.items()
    ]
    every = [_summed(ALL, m.key, keys[1:], found.total(w)) for w, m in _MEASURES.items()]
    now = pd.concat(list(_now(found, keys[0])))
    whole = now.groupby(["measure", "period"], as_index=False)["value"].sum().assign(group=ALL)
    table = long_table(pd.concat([now, whole, *each, *every], ignore_index=True))
    days, _ = year_keys(pipeline)
    leans = {
        figure_id(AHEAD, m + end, g, p): (figure_id(STOCK, "households_n", g, days[-1]),)
        for m, g, p in table[["measure", "group", "period"]].itertuples(index=False)
        for end in BOUNDS
    }
    return Result(
        name=AHEAD,
        title=title,
        subtitle=subtitle,
        table=table,
        measures=tuple(_MEASURES.values()),
        labels={**{g: GROUPS[g] for g in found.futures}, ALL: "All households", **named},
        source=f"{basis.study.authority.short_name}: foster carer pipeline; simulation",
        layout=Layout(("group", "measure"), ("period",), _SHOWN),
        text=(_said(keys, named),),
        charts=(
            Chart(
                "fan",
                "fan",
                "ahead_n",
                "Foster households ahead",
                subtitle,
                "A line of approved households today and on each day ahead, with its ranges.",
                include={"group": (ALL,)},
            ),
        ),
        notes=_NOTES,
        settings=basis.settings(),
        leans_on=leans,
        scope="Foster households, whoever lives in them or does not.",
    )


def _said(keys: list[str], named: dict[str, str]) -> Sentence:
    def ref(end: str = "", measure: str = "ahead_n") -> str:
        return figure_id(AHEAD, measure + end, ALL, keys[-1])

    return Sentence(
        "On {day} there would be {n} approved households, with four chances in five between {low} "
        "and {high}, and {places} places.",
        {
            "n": ref(),
            "low": ref("_lower_80"),
            "high": ref("_upper_80"),
            "places": ref(measure="ahead_places_n"),
        },
        {"day": named[keys[-1]]},
    )


@STUDY.followed_by
def tested(data: StudyData) -> Result:
    """Return how forecasts of past years did beside the last value (``foster_backtest``).

    Parameters
    ----------
    data : StudyData
        A study with a table of carers and SSDA903 returns.

    Returns
    -------
    Result
        By method (``group``): mean error in households over all past forecasts; of the model also
        the share of them whose 80% and 95% ranges held what came, and how many there were.
    """
    pipeline = Pipeline.of(data)
    basis = pipeline.basis
    found = backtest(pipeline, basis.study.seed)
    error = Measure("error_households", "Mean error, whichever way", "households_mean")
    title = "How such forecasts did"
    subtitle = f"Households forecast from past years and what came, {basis.study.authority.name}"
    if found.empty:
        return unavailable(basis, TESTED, title, subtitle, error, NONE)
    off = {m: float((found[m] - found["actual"]).abs().mean()) for m in ("model", "last")}
    wide = pd.DataFrame(
        {
            "group": ["model", "last"],
            "error_households": [off["model"], off["last"]],
            "in_80_pct": [100 * float(found["in_80"].mean()), np.nan],
            "in_95_pct": [100 * float(found["in_95"].mean()), np.nan],
            "forecasts_n": [float(len(found))] * 2,
        }
    )
    table = wide_rows(wide, ["group"])
    days, _ = year_keys(pipeline)
    counts = tuple(figure_id(STOCK, "households_n", ALL, d) for d in days[LEAST - 1 :])
    better = "The model won." if off["model"] < off["last"] else "The last value won."
    told = table[["measure", "group"]].itertuples(index=False)
    return Result(
        name=TESTED,
        title=title,
        subtitle=subtitle,
        table=table,
        measures=(
            error,
            Measure("in_80_pct", "Held by the 80% range", "percent", "forecasts"),
            Measure("in_95_pct", "Held by the 95% range", "percent", "forecasts"),
            Measure("forecasts_n", "Forecasts looked at", "count"),
        ),
        labels={"model": "The model", "last": "Last value"},
        source=f"{basis.study.authority.short_name}: foster carer pipeline; simulation",
        layout=Layout(rows=("group",), columns=("measure",)),
        text=(
            Sentence(
                "Forecasts from past years were off by {model} households in the mean, the last "
                "value by {last}. {better}",
                {m: figure_id(TESTED, "error_households", m) for m in ("model", "last")},
                {"better": better},
            ),
        ),
        notes=(
            "Each forecast is made from what was known on its day, for one to three years ahead or "
            "more as the table allows. So few forecasts, of years that overlap, say little of how "
            "often a range holds what comes.",
        ),
        settings=basis.settings(),
        leans_on={figure_id(TESTED, m, g): counts for m, g in told},
        scope="Foster households.",
    )
