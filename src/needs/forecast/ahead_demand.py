"""Chapter 50 from records: demand by placement type and age in five years, with low and high.

Counts of today and of the past are those of chapter 20, taken over whole with every relation
between them, so that disclosure control hides the same cells; what is forecast from a hidden
count is hidden with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.ages import AGE_BANDS
from needs.care.chapter20 import ages as ages_now
from needs.care.chapter20 import stock
from needs.forecast.ahead import DRAWS, Ahead
from needs.forecast.no_change import allocate
from needs.forecast.records_mix import DRAWN, OUTWARD, Mix
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
from needs.vocabulary.units import round_half_up

__all__ = ["ages_ahead", "demand_ahead", "total_ahead"]

FORECAST = Measure("projected_n", "Children", "children_forecast", derived_from=("children_n",))
LEVEL = Measure("level_n", "Children", "children_forecast", derived_from=("children_n",))
"""Counted and forecast in one line, for the picture."""

SHOWN = ("projected_n", "projected_n_lower_80", "projected_n_upper_80")
Floats = npt.NDArray[np.float32]


def total_ahead(data: StudyData) -> Result:
    """Return the total of the combined forecast, with ranges as wide as past errors ask.

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Returns
    -------
    Result
        ``ahead_total``: ``projected_n`` on the next five 31 Marches with ``lower_80`` to
        ``upper_95``; ``level_n``, counted and forecast.
    """
    ahead = Ahead.of(data)
    outlook, basis = ahead.outlook, ahead.outlook.basis
    mirrored = stock(data)
    counts = mirrored.table[mirrored.table["measure"] == "children_n"]
    counts = counts[counts["period"].isin(basis.date_keys)]
    of_total = _ranges(ahead.forecast.total(), outlook.ahead, wide=True)
    of_total["value"] = [float(round_half_up(v)) for v in of_total["value"]]
    past = pd.DataFrame({"period": basis.date_keys, "value": outlook.counted.to_numpy()})
    frames = [
        of_total.assign(measure="projected_n", group=ALL),
        pd.concat([past, of_total]).assign(measure="level_n", group=ALL),
        counts[counts["group"] == ALL],
    ]
    last = outlook.ahead[-1]
    return Result(
        name="ahead_total",
        title=f"{basis.heading} in the years ahead",
        subtitle=f"Children on the day, forecast, {basis.study.authority.name}",
        table=long_table(pd.concat(frames, ignore_index=True)),
        measures=(FORECAST, LEVEL, mirrored.measure("children_n")),
        labels={ALL: f"All {basis.label}", **outlook.labels},
        source=basis.source,
        layout=Layout(
            ("period",), ("measure",), (*SHOWN, "projected_n_lower_95", "projected_n_upper_95")
        ),
        text=(
            Sentence(
                "{now} {label} were counted on {day}. On {last} there may be about {n}: between "
                "{low} and {high} four times in five.",
                {
                    "now": figure_id("ahead_total", "children_n", ALL, outlook.as_at),
                    "n": figure_id("ahead_total", "projected_n", ALL, last),
                    "low": figure_id("ahead_total", "projected_n_lower_80", ALL, last),
                    "high": figure_id("ahead_total", "projected_n_upper_80", ALL, last),
                },
                {
                    "label": basis.label,
                    "day": outlook.labels[outlook.as_at],
                    "last": outlook.labels[last],
                },
            ),
            Sentence("{how}", words={"how": _uncertainty(ahead)}),
        ),
        charts=(_fan(ahead, (ALL,), "total", f"{basis.heading}: counted, and forecast"),),
        notes=notes(ahead),
        settings=settings(ahead),
        rests_on=dict.fromkeys(outlook.ahead, (outlook.as_at,)),
        mirrors=mirrored,
    )


def demand_ahead(data: StudyData) -> Result:
    """Return the demand table: the combined forecast by placement type, with low and high.

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns; its category map decides the types.

    Returns
    -------
    Result
        ``ahead_demand``: ``projected_n`` on the next five 31 Marches with ``lower_80`` and
        ``upper_80``; ``share_pct`` of all children; the counts of chapter 20 they rest on.

    Notes
    -----
    The form is that of the table of demand forecasts in the Oxfordshire commissioning
    strategy 2020-2025, section 3, for the study's own five years.
    """
    ahead = Ahead.of(data)
    outlook, basis = ahead.outlook, ahead.outlook.basis
    mix = Mix.of(data, basis.date_keys)
    external = frozenset(t.key for t in data.study.categories.types if t.sector == "external")
    rows = mix.rows(external)
    members = {ALL: ahead.forecast.groups, **{n.key: tuple(n.types) for n in mix.nodes}}
    projected = _projected(ahead, {r: members[r] for r in rows})
    whole = projected.loc[projected["group"] == ALL].set_index("period")["value"]
    share = projected.loc[projected["group"] != ALL, ["group", "period", "value"]].assign(
        measure="share_pct"
    )
    share["value"] = 100 * share["value"] / share["period"].map(whole)
    level = [
        pd.DataFrame({"group": g, "period": basis.date_keys, "value": mix.by_day(g).to_numpy()})
        for g in mix.top
    ]
    level.append(projected[projected["group"].isin(mix.top)])
    counts = mix.result.table[mix.result.table["measure"] == "children_n"]
    frames = [
        projected.assign(measure="projected_n"),
        share,
        pd.concat(level).assign(measure="level_n"),
        counts,
    ]
    return Result(
        name="ahead_demand",
        title="Demand by placement type, with low and high",
        subtitle=f"Children on the day, forecast, {basis.study.authority.name}",
        table=long_table(pd.concat(frames, ignore_index=True)),
        measures=(
            FORECAST,
            Measure("share_pct", "Share", "percent", f"all {basis.label}", ("children_n",)),
            LEVEL,
            mix.result.measure("children_n"),
        ),
        labels={**mix.result.labels, **outlook.labels},
        source=basis.source,
        layout=Layout(("group", "measure"), ("period",), (*SHOWN, "share_pct")),
        text=_grows(ahead, mix),
        charts=_of_types(ahead, mix),
        additive=mix.result.additive,
        notes=(
            "Rows follow the table of demand forecasts in the commissioning strategy of 2020 to "
            "2025, in the groups of the study's own category map. Parts are whole children and "
            "add up to the total; low and high do not, since all parts are seldom high together.",
            f"But for the total, low and high are widened to multiples of {OUTWARD}.",
            "A number is hidden wherever today's count of the same children is hidden.",
            *notes(ahead),
        ),
        settings={**mix.result.settings, **settings(ahead)},
        rests_on=dict.fromkeys(outlook.ahead, (outlook.as_at,)),
        mirrors=mix.result,
    )


def ages_ahead(data: StudyData) -> tuple[Result, ...]:
    """Return the combined forecast by age band, with low and high (``ahead_ages``).

    None where the flow model, which alone knows ages, could not be fitted.
    """
    ahead = Ahead.of(data)
    if "ages" not in ahead.forecast.parts:
        return ()
    outlook, basis = ahead.outlook, ahead.outlook.basis
    mirrored = ages_now(data)
    part = ahead.forecast.parts["ages"]
    of_day = _whole_children(part.draws.mean(axis=0, dtype=float), part.groups)
    frames = []
    for at, (band, key) in enumerate(zip(part.groups, AGE_BANDS, strict=False)):
        made = _outward(_ranges(part.draws[:, :, at], outlook.ahead))
        # In the keys of chapter 20, or what it hides would not be hidden here.
        frames.append(made.assign(group=key, value=of_day[band].to_numpy(dtype=float)))
    counts = mirrored.table[mirrored.table["measure"] == "children_n"]
    table = pd.concat(
        [*(f.assign(measure="projected_n") for f in frames), counts], ignore_index=True
    )
    return (
        Result(
            name="ahead_ages",
            title=f"{basis.heading} by age in the years ahead",
            subtitle=f"Children on the day by age, forecast, {basis.study.authority.name}",
            table=long_table(table),
            measures=(FORECAST, mirrored.measure("children_n")),
            labels={**mirrored.labels, **outlook.labels},
            source=basis.source,
            layout=Layout(("group", "measure"), ("period",), SHOWN),
            additive=mirrored.additive,
            notes=(
                "Children move from band to band on their birthdays; everybody leaves at eighteen. "
                "Bands add up to the total in every draw, and are printed as whole children.",
                f"Low and high are widened to multiples of {OUTWARD}.",
            ),
            settings=settings(ahead),
            rests_on=dict.fromkeys(outlook.ahead, (outlook.as_at,)),
            mirrors=mirrored,
        ),
    )


def settings(ahead: Ahead) -> dict[str, object]:
    """Return what the forecast was made with."""
    return {
        **ahead.outlook.basis.settings(),
        "method": "combined",
        "draws": DRAWS,
        "weights": {k: round(w, 3) for k, w in ahead.weights.items()},
        "width": round(ahead.width, 3),
        "seed": ahead.outlook.basis.study.seed,
    }


def notes(ahead: Ahead) -> tuple[str, ...]:
    """Return how the forecast is made, in words."""
    return (
        "Each number is the mean of many futures drawn from several methods, each in proportion "
        "to its skill in past years. Low and high leave one future in ten below and one in ten "
        "above. They are made as wide as past errors ask, draw by draw, so that types and ages "
        "still add up.",
        "Plans, new homes and changes in law are not in it, unless a scenario says so.",
        *ahead.why,
        *ahead.forecast.notes,
    )


def _uncertainty(ahead: Ahead) -> str:
    if not ahead.past:
        return (
            "Too few years are known to test this on past years: the ranges rest on what was "
            "assumed, and may be too narrow."
        )
    if list(ahead.weights) == ["last_value"]:
        return "No method has beaten the last count in past years, so that the last count is held."
    return (
        "The range comes from chance, from rates that few years tell, and from rates that drift "
        "from year to year, and is as wide as past errors were. That is no promise: what was "
        "covered in past years is told below."
    )


def _ranges(draws: Floats, periods: Sequence[str], *, wide: bool = False) -> pd.DataFrame:
    """Return mean and equal-tailed bounds of draws, shape (draws, days), by period."""
    levels = {"lower_80": 10.0, "upper_80": 90.0}
    levels |= {"lower_95": 2.5, "upper_95": 97.5} if wide else {}
    cuts = np.percentile(draws, list(levels.values()), axis=0)
    bounds = dict(zip(levels, cuts, strict=True))
    return pd.DataFrame({"period": periods, "value": draws.mean(axis=0, dtype=float), **bounds})


def _outward(frame: pd.DataFrame) -> pd.DataFrame:
    low, high = frame["lower_80"] / OUTWARD, frame["upper_80"] / OUTWARD
    return frame.assign(lower_80=OUTWARD * np.floor(low), upper_80=OUTWARD * np.ceil(high))


def _whole_children(means: npt.NDArray[np.float64], groups: Sequence[str]) -> pd.DataFrame:
    """Return means, shape (days, groups), as whole children that add up to the whole total."""
    shared = [
        allocate(int(round_half_up(day.sum())), pd.Series(day, index=list(groups))) for day in means
    ]
    return pd.DataFrame(shared)


def _projected(ahead: Ahead, rows: Mapping[str, tuple[str, ...]]) -> pd.DataFrame:
    """Return whole children by row and day that add up, with the range of each row's draws."""
    forecast, periods = ahead.forecast, ahead.outlook.ahead
    whole = _whole_children(forecast.draws.mean(axis=0, dtype=float), forecast.groups)
    frames = []
    for key, members in rows.items():
        there = [m for m in members if m in forecast.groups]
        made = _ranges(forecast.of(there), periods)
        made = made if key == ALL else _outward(made)
        value = whole[there].sum(axis=1).to_numpy(dtype=float)
        frames.append(made.assign(group=key, value=value))
    return pd.concat(frames, ignore_index=True)


def _grows(ahead: Ahead, mix: Mix) -> tuple[Sentence, ...]:
    """Return the two largest groups: how many now, and in five years with low and high."""
    largest = mix.counts.loc[mix.top].iloc[:, -1].sort_values(ascending=False, kind="stable")
    labels = {n.key: n.label for n in mix.nodes}
    outlook = ahead.outlook
    last = outlook.ahead[-1]
    return tuple(
        Sentence(
            "“{group}”: {now} on {day}, and about {n} on {last}, between {low} and {high} four "
            "times in five.",
            {
                "now": figure_id("ahead_demand", "children_n", group, outlook.as_at),
                "n": figure_id("ahead_demand", "projected_n", group, last),
                "low": figure_id("ahead_demand", "projected_n_lower_80", group, last),
                "high": figure_id("ahead_demand", "projected_n_upper_80", group, last),
            },
            {
                "group": labels[group],
                "day": outlook.labels[outlook.as_at],
                "last": outlook.labels[last],
            },
        )
        for group in largest.index[:2]
    )


def _of_types(ahead: Ahead, mix: Mix) -> tuple[Chart, ...]:
    now = mix.counts.iloc[:, -1].reindex(mix.top).sort_values(ascending=False, kind="stable")
    drawn = set(now.index[now >= ahead.outlook.least][:DRAWN])
    if not drawn:
        return ()
    groups = tuple(g for g in mix.top if g in drawn)
    return (_fan(ahead, groups, "types", "The largest groups of placements, counted and forecast"),)


def _fan(ahead: Ahead, groups: tuple[str, ...], key: str, title: str) -> Chart:
    outlook = ahead.outlook
    return Chart(
        key=key,
        kind="fan",
        measure="level_n",
        title=title,
        subtitle=outlook.basis.stock_subtitle("Children counted on the day") + ", then forecast",
        alt="A line counted and then forecast, inside a band that widens with the years.",
        include={"group": groups, "period": (*outlook.basis.date_keys, *outlook.ahead)},
    )
