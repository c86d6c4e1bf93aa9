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
from needs.forecast.ahead import Ahead
from needs.forecast.ahead_words import (
    FORECAST,
    HELD,
    LEVEL,
    SHOWN,
    fan,
    held_rows,
    held_said,
    notes,
    ranges,
    settings,
)
from needs.forecast.mix import Mix, allocate
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

__all__ = ["ages_ahead", "demand_ahead"]

OUTWARD = 5
"""Ends of ranges but the total's are widened to multiples of it."""

DRAWN = 4
"""Groups in the picture: more bands than four cannot be told apart."""


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
    mix, rows = ahead.mix, ahead.table_rows
    projected = _projected(ahead, {r: ahead.members(r) for r in rows})
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
        *held_rows(ahead, rows),
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
            *HELD,
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
            *_undivided(data, mix),
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
        made = _outward(ranges(part.draws[:, :, at], outlook.ahead))
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
        made = ranges(forecast.of(members), periods)
        made = made if key == ALL else _outward(made)
        value = whole[list(members)].sum(axis=1).to_numpy(dtype=float)
        frames.append(made.assign(group=key, value=value))
    return pd.concat(frames, ignore_index=True)


def _undivided(data: StudyData, mix: Mix) -> tuple[str, ...]:
    """Return a note where the category map does not say which supported accommodation is bought."""
    types = [t for t in data.study.categories.types if t.group == "supported"]
    if not types or any(t.sector == "external" for t in types):
        return ()
    words = " and ".join(f"“{t.label}”" for t in types if t.key in mix.counts.index)
    if not words:
        return ()
    return (
        f"The category map does not part {words} into in-house and external, so that its external "
        "part has no row of its own.",
    )


def _grows(ahead: Ahead, mix: Mix) -> tuple[Sentence, ...]:
    """Return the two largest groups: now, in five years with low and high, and what was held."""
    largest = mix.counts.loc[mix.top].iloc[:, -1].sort_values(ascending=False, kind="stable")
    labels = {n.key: n.label for n in mix.nodes}
    outlook = ahead.outlook
    last = outlook.ahead[-1]
    said = []
    for group in largest.index[:2]:
        said.append(
            Sentence(
                "“{group}”: {now} on {day}, and about {n} on {last}, between {low} and {high}.",
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
        )
        said.append(held_said(ahead, "ahead_demand", group, f"For “{labels[group]}” such"))
    return tuple(said)


def _of_types(ahead: Ahead, mix: Mix) -> tuple[Chart, ...]:
    now = mix.counts.iloc[:, -1].reindex(mix.top).sort_values(ascending=False, kind="stable")
    drawn = set(now.index[now >= ahead.outlook.least][:DRAWN])
    if not drawn:
        return ()
    groups = tuple(g for g in mix.top if g in drawn)
    return (fan(ahead, groups, "types", "The largest groups of placements, counted and forecast"),)
