"""Chapter 60: what makes a week dearer, in pounds, by type of placement bought from others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs.care.ages import completed_years
from needs.care.rows import wide_rows
from needs.costs.gamma import GammaFit, fit_gamma
from needs.costs.spending import PLACED, Spending, cannot, placed_id
from needs.profiles.score_table import score_table
from needs.profiles.scores import thresholds
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

__all__ = ["price_drivers", "priced_rows"]

TESTED = "cost_drivers_tested"
NAME, TITLE = "cost_drivers", "What goes with a dearer week"
_GBP = Measure("gbp_week", "Pounds a week", "gbp_week")
LEAST = 10
"""Children whom a yes and a no each need: an effect of fewer would be of them."""
PROVIDERS = 8
"""Providers that a type needs: fewer tell too little of how they differ."""

_LABELS = {
    "spot": "Bought singly (spot), against a framework",
    "block": "Block contract, against a framework",
    "cross_regional": "Cross-regional contract, against a framework",
    "in_house": "In-house, against a framework",
    "aged_0_to_9": "Aged 0 to 9, against 10 to 15",
    "aged_16_up": "Aged 16 or over, against 10 to 15",
    "female": "Girls, against boys",
    "uasc": "Unaccompanied children, against others",
    "needs": "Each further domain with a need",
    "not_assessed": "Children without an assessment, against those assessed without a need",
    "year": "Each year later",
}


_NOTES = (
    "A gamma regression with a log link of the mean weekly price of each child, provider and "
    "year. Ranges allow for placements of one provider being alike, and for how few providers "
    "there are (CR2 with Satterthwaite's degrees of freedom).",
    "Where the 95% range holds nought, the difference may be chance.",
    "These are differences between children who are alike in what is listed, and not effects: "
    "needs that nobody recorded may be behind both the price and the way it was bought.",
    f"A driver is listed where at least {LEAST} children have it and as many have it not.",
)


@dataclass(frozen=True)
class Model:
    """One type's regression."""

    type: str
    fit: GammaFit
    rows_n: int
    error_pct: float
    plain_pct: float


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
        that respect that placements of one provider are alike. Then by type: providers, how many
        of equal size they weigh as, and mean errors on providers not learnt from, beside those of
        the mean alone. Where no type has enough providers and children, the first says so.
    """
    spending = Spending.of(data)
    models = list(_models(data, spending))
    if not models:
        why = (
            f"No placement type has {PROVIDERS} providers and {5 * LEAST} children with a weekly "
            "price: fewer tell too little of what goes with one."
        )
        return (cannot(spending, NAME, TITLE, _GBP, why),)
    return _effects(spending, models), _tested(spending, models)


def _effects(spending: Spending, models: list[Model]) -> Result:
    basis = spending.basis
    labels = spending.labels | _LABELS
    table = _table(models, basis.window_keys[-1])
    return Result(
        name=NAME,
        title=TITLE,
        subtitle=basis.flow_subtitle("Difference in the gross price of a week, all else alike"),
        table=table,
        measures=(
            _GBP,
            Measure("effect_pct", "Per cent", "percent1", "the price of a week otherwise alike"),
        ),
        labels=labels,
        source=spending.source,
        layout=Layout(
            ("group", "by"),
            ("measure",),
            ("gbp_week", "gbp_week_lower_95", "gbp_week_upper_95", "effect_pct"),
        ),
        text=tuple(_words(models, labels, basis.window_keys[-1])),
        charts=tuple(_charts(models, labels, spending)),
        notes=_NOTES,
        settings=spending.settings,
        leans_on=_leans(spending, NAME, table),
    )


def _tested(spending: Spending, models: list[Model]) -> Result:
    basis = spending.basis
    rows = pd.DataFrame(
        {
            "group": [m.type for m in models],
            "period": basis.window_keys[-1],
            "providers_n": [m.fit.clusters_n for m in models],
            "effective_n": [m.fit.effective_n for m in models],
            "error_pct": [m.error_pct for m in models],
            "plain_pct": [m.plain_pct for m in models],
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
        ),
        labels=spending.labels,
        source=spending.source,
        layout=Layout(("group",), ("measure",)),
        notes=(
            "Errors are those on providers that the regression was not fitted to, in five parts; "
            "not available where too few are left to fit it to.",
        ),
        settings=spending.settings,
        leans_on=_leans(spending, TESTED, table),
    )


def _leans(spending: Spending, name: str, table: pd.DataFrame) -> dict[str, tuple[str, ...]]:
    """Return that each row and its bounds lean on the children of its type in every year."""
    years = spending.basis.window_keys
    keys = table[["measure", "group", "period", "by"]].itertuples(index=False)
    return {
        figure_id(name, m + end, g, p, by): tuple(placed_id(g, w) for w in years)
        for m, g, p, by in keys
        for end in ("", "_lower_95", "_upper_95")
    }


def priced_rows(data: StudyData, spending: Spending) -> pd.DataFrame:
    """Return one row a child, type, provider, route and year: mean weekly price and drivers."""
    parts = spending.parts
    mine = parts[(parts["outcome"] == PLACED) & ~parts["single"]]
    keys = ["child", "type", "provider", "route", "window"]
    rows = mine.groupby(keys, sort=True)[["gross", "days"]].sum().reset_index()
    rows["weekly"] = rows["gross"] / rows["days"] * 7
    rows = rows[rows["weekly"] > 0].reset_index(drop=True)
    records, windows = spending.basis.records, spending.basis.shown.windows
    child = rows["child"].to_numpy()
    ends = np.array([np.datetime64(w.end, "ns") for w in windows])[rows["window"]]
    age = completed_years(records.children["dob"].to_numpy()[child], ends, records.counting)
    for route in ("spot", "block", "cross_regional", "in_house"):
        rows[route] = (rows["route"] == route).astype(float)
    rows["aged_0_to_9"] = (age < 10).astype(float)
    rows["aged_16_up"] = (age >= 16).astype(float)
    rows["female"] = (records.children["sex"].to_numpy()[child] == "female").astype(float)
    rows["uasc"] = records.children["uasc"].to_numpy()[child].astype(float)
    rows["year"] = rows["window"].astype(float)
    return _with_needs(data, rows)


def _with_needs(data: StudyData, rows: pd.DataFrame) -> pd.DataFrame:
    """Return rows with the number of domains with a need; without, where nothing is assessed."""
    if not data.study.inputs.patterns("assessments"):
        return rows
    tool = data.study.assessment
    levels = score_table(data.assessments.frame, tool, "latest", data.study.period.as_at)
    need, _ = thresholds(tool)
    known = levels.notna().sum(axis=1)
    # Of domains that were scored: a gap is no absence of need.
    share = (levels >= need).sum(axis=1) / known.where(known > 0)
    needs = (share * levels.shape[1]).reindex(rows["child"]).to_numpy(dtype=float)
    missing = np.isnan(needs)
    return rows.assign(needs=np.where(missing, 0.0, needs), not_assessed=missing.astype(float))


def _models(data: StudyData, spending: Spending) -> Iterator[Model]:
    rows = priced_rows(data, spending)
    for kind, mine in rows.groupby("type", sort=False):
        if mine["provider"].nunique() < PROVIDERS or mine["child"].nunique() < 5 * LEAST:
            continue
        design = _design(mine)
        try:
            fit = fit_gamma(mine["weekly"], design, mine["provider"])
        except ModelError:
            continue
        own, plain = _held_out(mine, design)
        yield Model(str(kind), fit, len(mine), own, plain)


def _design(rows: pd.DataFrame) -> pd.DataFrame:
    """Return a constant and the drivers that enough children differ in."""
    names = [n for n in _LABELS if n in rows]
    kept = []
    for name in names:
        if name in ("year", "needs"):
            enough = bool(rows[name].max() > rows[name].min())
        else:
            sides = rows.groupby(rows[name] > 0)["child"].nunique()
            enough = len(sides) == 2 and int(sides.min()) >= LEAST
        if enough:
            kept.append(name)
    return pd.DataFrame({"const": 1.0, **{n: rows[n].astype(float) for n in kept}})


def _held_out(rows: pd.DataFrame, design: pd.DataFrame) -> tuple[float, float]:
    """Return mean absolute errors in per cent of prices of providers not learnt from.

    Five folds of providers, in the order of their names; beside it the error of the plain mean.
    """
    code = pd.factorize(rows["provider"], sort=True)[0] % 5
    price = rows["weekly"].to_numpy()
    told, plain = np.zeros(len(rows)), np.zeros(len(rows))
    for fold in range(5):
        out = code == fold
        try:
            fit = fit_gamma(price[~out], design[~out], rows["provider"][~out])
        except ModelError:
            return np.nan, np.nan
        told[out] = np.exp(design[out].to_numpy() @ fit.params.to_numpy())
        plain[out] = price[~out].mean()
    mean = price.mean()
    return 100 * np.abs(told - price).mean() / mean, 100 * np.abs(plain - price).mean() / mean


def _table(models: list[Model], period: str) -> pd.DataFrame:
    parts = []
    for m in models:
        pounds, logs = m.fit.pounds(), m.fit.interval()
        for measure, found in (("gbp_week", pounds), ("effect_pct", logs.apply(np.expm1) * 100)):
            some = found[found.index != "const"]
            parts.append(
                pd.DataFrame(
                    {
                        "group": m.type,
                        "by": some.index,
                        "period": period,
                        "measure": measure,
                        "value": some["effect"].to_numpy(),
                        "lower_95": some["lower"].to_numpy(),
                        "upper_95": some["upper"].to_numpy(),
                    }
                )
            )
    return long_table(pd.concat(parts, ignore_index=True))


def _words(models: list[Model], labels: dict[str, str], period: str) -> Iterator[Sentence]:
    """Yield a sentence for each effect that its interval tells from nought."""
    for m in models:
        found = m.fit.interval().drop("const")
        sure = found[(found["lower"] > 0) | (found["upper"] < 0)]
        for name in sure.index:
            yield Sentence(
                "{group}: {what}: {pounds} a week, between {low} and {high}.",
                {
                    "pounds": figure_id(NAME, "gbp_week", m.type, period, str(name)),
                    "low": figure_id(NAME, "gbp_week_lower_95", m.type, period, str(name)),
                    "high": figure_id(NAME, "gbp_week_upper_95", m.type, period, str(name)),
                },
                {"group": labels[m.type], "what": labels[str(name)].lower()},
            )


def _charts(models: list[Model], labels: dict[str, str], spending: Spending) -> Iterator[Chart]:
    for m in models:
        yield Chart(
            key=f"drivers_{m.type}",
            kind="dot",
            measure="gbp_week",
            x="by",
            title=f"What goes with a dearer week: {labels[m.type].lower()}",
            subtitle=spending.basis.flow_subtitle("Pounds a week"),
            alt="Dots, one for each driver, of the difference in pounds a week.",
            include={"group": (m.type,)},
        )
