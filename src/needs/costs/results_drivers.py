"""Chapter 60: what makes a week dearer, in pounds, by type of placement bought from others."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from needs.care.rows import wide_rows
from needs.costs.drivers import (
    LABELS,
    LEAST,
    SOURCES,
    YES_NO,
    design_of,
    leaning,
    profile_columns,
    profile_labels,
)
from needs.costs.priced_models import (
    Model,
    driver_charts,
    effect_rows,
    models_of,
    no_market,
)
from needs.costs.regression.fits import fit_prices
from needs.costs.regression.influence import furthest_moves, two_way
from needs.costs.regression.margins import margins
from needs.costs.spending import Spending
from needs.vocabulary.errors import ModelError
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)
from needs.vocabulary.wording import inside

__all__ = ["driver_labels", "price_drivers"]

TESTED = "cost_drivers_tested"
NAME, TITLE = "cost_drivers", "What goes with a dearer week"
_GBP = Measure("gbp_week", "Pounds a week", "gbp_week")
_NOTES = (
    "A regression with a log link of the mean weekly price of each child, provider and year, in "
    "the family that the tests below leave standing; the mean difference over all these rows. "
    "Ranges allow for placements of one provider being alike, and for how few providers there are "
    "(CR2 with Satterthwaite's degrees of freedom, delta method).",
    "Where the 95% range holds nought, the difference may be chance.",
    "These are differences between children who are alike in what is listed, and not effects: "
    "needs that nobody recorded may be behind both the price and the way it was bought.",
    "Profiles of need come from a regression of their own, in which they stand in the place of "
    "the number of needs.",
    "Each difference weighs as if told by so many providers of equal size: where they are few, "
    "its range is wide for good reason. The last column is the furthest that it moves where any "
    "one provider is left out.",
    f"A driver is listed where at least {LEAST} children have it and as many have it not, with "
    f"{SOURCES} providers each.",
    "Where a distance is not known, as of unaccompanied children, the mean of the others stands.",
)


@STUDY.followed_by
def price_drivers(data: StudyData) -> tuple[Result, ...]:
    """Return what goes with a dearer week, by type (``cost_drivers``, ``cost_drivers_tested``).

    Parameters
    ----------
    data : StudyData
        A study with cost lines and SSDA903 returns; needs are in it where there are assessments.

    Returns
    -------
    tuple of Result
        By type (``group``) and driver (``by``): pounds a week and per cent, with 95% intervals
        that respect that placements of one provider are alike, effective providers, and how far
        one provider moves it. Then by type: providers, how many of equal size they weigh as, and
        mean errors on providers not learnt from, beside those of the mean alone. Where no type
        has enough providers and children, the first says so.
    """
    spending = Spending.of(data)
    models = models_of(data)
    if not models:
        return (no_market(spending, NAME, TITLE, _GBP),)
    return _effects(spending, models), _tested(spending, models)


def driver_labels(spending: Spending, models: tuple[Model, ...]) -> dict[str, str]:
    """Return words for placement types, drivers and years."""
    profiles = {k: w for m in models for k, w in profile_labels(m.rows).items()}
    return {**spending.labels, **LABELS, **profiles}


def _effects(spending: Spending, models: tuple[Model, ...]) -> Result:
    basis = spending.basis
    key = basis.window_keys[-1]
    labels = driver_labels(spending, models)
    table = long_table(pd.concat([_rows(m, key) for m in models], ignore_index=True))
    return Result(
        name=NAME,
        title=TITLE,
        subtitle=basis.flow_subtitle("Difference in the gross price of a week, all else alike"),
        table=table,
        measures=(
            _GBP,
            Measure("effect_pct", "Per cent", "percent1", "the price of a week otherwise alike"),
            Measure("effective_n", "Told by so many providers of equal size", "count"),
            Measure("moved_gbp", "Moves by at most, without one provider", "gbp_week"),
        ),
        labels=labels,
        source=spending.source,
        layout=Layout(
            ("group", "by"),
            ("measure",),
            (
                *("gbp_week", "gbp_week_lower_95", "gbp_week_upper_95", "effect_pct"),
                *("effective_n", "moved_gbp"),
            ),
        ),
        text=tuple(_words(table, labels, key)),
        charts=driver_charts(
            models,
            labels,
            spending,
            Chart(
                key="drivers",
                kind="dot",
                measure="gbp_week",
                title="What goes with a dearer week",
                subtitle="",
                alt="Dots, one for each driver, of the difference in pounds a week.",
            ),
        ),
        notes=_NOTES,
        settings=spending.settings,
        leans_on=leaning(spending, NAME, table),
    )


def _rows(m: Model, period: str) -> pd.DataFrame:
    """Return the rows of one type: its drivers, then profiles of need from their own regression."""
    found = _found(m.price, m.design, m.rows, m.fit.family)
    design = design_of(m.rows, profiles=True)
    profiles = profile_columns(design)
    if profiles:
        try:
            other = _found(m.price, design, m.rows, m.fit.family)
            found = pd.concat([found, other[other["by"].isin(profiles)]])
        except ModelError:
            pass
    return found.assign(group=m.type, period=period)


def _found(
    price: np.ndarray, design: pd.DataFrame, rows: pd.DataFrame, family: str
) -> pd.DataFrame:
    fit = fit_prices(price, design, rows["provider"], family)
    either = YES_NO | frozenset(profile_columns(design))
    pounds = margins(fit, design, either)
    share = fit.interval().apply(np.expm1).mul(100).drop("const")
    effective = pd.Series(fit.errors.effective(), fit.params.index).drop("const")
    single = {"effective_n": effective, "moved_gbp": furthest_moves(price, design, fit, either)}
    parts = [effect_rows("gbp_week", pounds), effect_rows("effect_pct", share)]
    parts += [
        pd.DataFrame({"measure": k, "by": v.index, "value": v.to_numpy()})
        for k, v in single.items()
    ]
    return pd.concat(parts, ignore_index=True)


def _tested(spending: Spending, models: tuple[Model, ...]) -> Result:
    basis = spending.basis
    own = [m.families.loc[m.fit.family] for m in models]
    grown = [two_way(m.design, m.fit, m.child).drop("const").max() for m in models]
    rows = pd.DataFrame(
        {
            "group": [m.type for m in models],
            "period": basis.window_keys[-1],
            "providers_n": [m.fit.clusters_n for m in models],
            "effective_n": [m.fit.effective_n for m in models],
            "error_pct": [f["error_pct"] for f in own],
            "plain_pct": [f["plain_pct"] for f in own],
            "two_way_pct": [100 * (g - 1) for g in grown],
        }
    )
    table = wide_rows(rows, ["group", "period"])
    of = "the mean price of a week"
    return Result(
        name=TESTED,
        title="How far such differences can be trusted",
        subtitle=basis.flow_subtitle("Providers, and errors on providers not learnt from"),
        table=table,
        measures=(
            Measure("providers_n", "Providers", "count"),
            Measure("effective_n", "Weigh as providers of equal size", "count"),
            Measure("error_pct", "Mean error of the regression", "percent1", of),
            Measure("plain_pct", "Mean error of the mean alone", "percent1", of),
            Measure(
                "two_way_pct", "Widest range, if children were clusters too, wider by", "percent1"
            ),
        ),
        labels=spending.labels,
        source=spending.source,
        layout=Layout(("group",), ("measure",)),
        notes=(
            "Errors are those on providers that the regression was not fitted to, in five parts; "
            "not available where too few are left to fit it to.",
            "A child's years with one provider lie within that provider and are allowed for. Only "
            "children who changed providers could add to the ranges: the last column says by how "
            "much the range that answers most would widen (Cameron, Gelbach and Miller). Ranges "
            "are by provider alone, since no correction for few clusters is known for both.",
        ),
        settings=spending.settings,
        leans_on=leaning(spending, TESTED, table),
    )


def _words(table: pd.DataFrame, labels: dict[str, str], period: str) -> Iterator[Sentence]:
    """Yield a sentence for each effect that its interval tells from nought."""
    mine = table[table["measure"] == "gbp_week"]
    sure = mine[(mine["lower_95"] > 0) | (mine["upper_95"] < 0)]
    for group, by, value in sure[["group", "by", "value"]].itertuples(index=False):
        yield Sentence(
            "{group}: {what}: a week is {side}, a difference of {pounds} (from {low} to {high}).",
            {
                "pounds": figure_id(NAME, "gbp_week", group, period, by),
                "low": figure_id(NAME, "gbp_week_lower_95", group, period, by),
                "high": figure_id(NAME, "gbp_week_upper_95", group, period, by),
            },
            {
                "group": labels[group],
                "what": inside(labels[by]),
                "side": "dearer" if value > 0 else "cheaper",
            },
        )
