"""What the printed totals of a demand forecast imply, and which count they start from."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs.care.published_figures import (
    cell,
    combined,
    own,
    select,
    series_table,
    source_of,
    title_of,
    words_for,
)
from needs.forecast.published_inputs import PROJECTED, DemandTable, by_period, demand_table_of
from needs.forecast.published_method import implied_growth, reduction_factor
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Layout, Measure, Result, Sentence

__all__ = ["demand_base", "demand_totals"]


def _readings(demand: DemandTable) -> dict[str, np.ndarray]:
    """Return implied growth under each reading of the policy reduction."""
    n, first, cut = len(demand.totals), demand.first_reduced, demand.reduction_pct
    totals = demand.totals.to_numpy()
    return {
        "as_printed": implied_growth(totals, np.ones(n)),
        "once": implied_growth(totals, reduction_factor(n, cut, first, "once")),
        "every_year": implied_growth(totals, reduction_factor(n, cut, first, "every_period")),
    }


READINGS = {
    "as_printed": "Growth of the printed totals",
    "once": "Growth implied if the reduction is taken once and kept",
    "every_year": "Growth implied if the reduction is taken again every year",
}


def _growth_table(growth: pd.DataFrame, first: int, cut: float, area: str) -> pd.DataFrame:
    """Return growth by reading and year, its range under each reading, and the reduction."""
    seen = {"once": growth["once"], "every_year": growth["every_year"].iloc[first:]}
    edges = pd.DataFrame(
        [
            {"group": reading, "by": by, "value": value}
            for reading, s in seen.items()
            for by, value in (("low", s.min()), ("high", s.max()))
        ]
    )
    stated = pd.DataFrame([{"measure": "reduction_pct", "value": cut}])
    return combined(
        by_period(growth, area, measure="growth_pct"),
        edges.assign(measure="range_pct", area=area),
        stated.assign(area=area),
    )


def _readings_said(
    name: str, growth: pd.DataFrame, demand: DemandTable, area: str
) -> tuple[Sentence, ...]:
    """Return what each reading of the reduction would ask of growth, and which lies nearer."""

    def edge(group: str, by: str) -> str:
        return cell(name, measure="range_pct", group=group, by=by, area=area)

    year = str(demand.totals.index[demand.first_reduced])
    after = growth.iloc[demand.first_reduced :]
    before = growth["as_printed"].iloc[0]
    far = {r: float((after[r] - before).abs().max()) for r in ("once", "every_year")}
    nearer = "taken once and kept" if far["once"] < far["every_year"] else "taken every year"
    return (
        Sentence(
            "The document states a reduction of {cut} year on year. If it is taken once, in "
            "{year}, and kept, the growth before it lies between {low} and {high} a year "
            "throughout.",
            {
                "cut": cell(name, measure="reduction_pct", area=area),
                "low": edge("once", "low"),
                "high": edge("once", "high"),
            },
            {"year": year},
        ),
        Sentence(
            "If it is taken again every year, the growth before it would have to be between "
            "{low} and {high} a year after {year}.",
            {"low": edge("every_year", "low"), "high": edge("every_year", "high")},
            {"year": year},
        ),
        Sentence(
            "The reading that stays nearest to the growth printed before the reduction is that "
            "it was {reading}. The population projections are not printed, so this is an "
            "inference.",
            words={"reading": nearer},
        ),
    )


def demand_totals(data: StudyData) -> Result:
    """Return the growth that the printed totals imply, under each reading of the reduction.

    Parameters
    ----------
    data : StudyData
        Its published figures of measures ``projected_n``, ``fixed_share_pct`` and
        ``policy_reduction_pct``.

    Returns
    -------
    Result
        Growth to each year, per cent, as printed and with the reduction taken out once or
        every year from the first year in which the totals fall.

    Raises
    ------
    InputMissing
        If there is no table, no reduction, or no year in which the totals fall.
    """
    name, area = "published_demand_totals", own(data)
    demand = demand_table_of(data)
    first = demand.first_reduced
    if not demand.reduction_pct or first >= len(demand.totals) - 1:
        raise InputMissing("published")
    growth = pd.DataFrame(_readings(demand), index=demand.totals.index[1:])
    return Result(
        name=name,
        title="What the printed totals imply",
        subtitle=f"Growth in children from the year before, {data.study.authority.short_name}",
        table=_growth_table(growth, first, demand.reduction_pct, area),
        measures=(
            Measure("growth_pct", "Growth", "percent1"),
            Measure("range_pct", "Range of growth", "percent1"),
            Measure("reduction_pct", "Stated reduction", "percent"),
        ),
        labels=words_for(data, [ALL]) | READINGS,
        source=source_of(data, demand.rows[demand.rows["group"] == ALL]),
        layout=Layout(("group",), ("period",), ("growth_pct",)),
        text=_readings_said(name, growth, demand, area),
        notes=(
            "The totals are printed as whole children, which leaves each growth uncertain by "
            "about a tenth of a percentage point.",
        ),
        published=True,
    )


def _base_said(name: str, counts: pd.DataFrame, year: int, area: str) -> tuple[Sentence, ...]:
    """Return the first total beside the March count of its year, and of the year after."""
    march = counts[counts["period"].isin([f"{year}-03", f"{year + 1}-03"])]
    march = march.drop_duplicates("period", keep="last")
    return tuple(
        Sentence(
            "The forecast gives {base} for {year}. Read as the end of March {march}, the count "
            "was {count}: the first total lies {above} away from it.",
            {
                "base": cell(name, measure="projected_n", period=str(year), area=area),
                "count": cell(name, row),
                "above": cell(name, row.replace({"children_n": "above_pct"})),
            },
            {"year": str(year), "march": str(row["period"])[:4]},
        )
        for _, row in march.iterrows()
    )


def demand_base(data: StudyData) -> Result:
    """Return the first total of the forecast beside the counts it may start from.

    Parameters
    ----------
    data : StudyData
        Its published figures of measures ``projected_n`` and ``children_n``.

    Returns
    -------
    Result
        Each printed count of the two years up to the forecast's first year, and of the year
        end after it; and how far the first total lies above each.

    Raises
    ------
    InputMissing
        If there is no table or no count.
    """
    name, area = "published_demand_base", own(data)
    demand = demand_table_of(data)
    year = int(demand.totals.index[0])
    base = float(demand.totals.iloc[0])
    rows = select(data, "children_n", group=ALL, area=area)
    rows = rows[rows["month"].between(f"{year - 1}-03", f"{year + 1}-03")]
    rows = rows.drop_duplicates(["month", "value"], keep="last").sort_values(["month", "document"])
    if rows.empty:
        raise InputMissing("published")
    counts = series_table(rows, period=rows["month"], by="d" + rows["document"])
    above = counts.assign(measure="above_pct", value=100 * (base / counts["value"] - 1))
    first = pd.DataFrame([{"measure": "projected_n", "period": str(year), "value": base}])
    table = combined(counts, above, first.assign(group=ALL, area=area))
    documents = sorted(set(rows["document"]))
    return Result(
        name=name,
        title="Which count the forecast starts from",
        subtitle=f"Printed counts about the first year forecast, {data.study.authority.short_name}",
        table=table,
        measures=(
            Measure("children_n", "Children counted", "children"),
            Measure("above_pct", "First total above the count", "percent1"),
            PROJECTED,
        ),
        labels=words_for(data, [ALL])
        | {f"d{d}": title_of(data, d) for d in documents}
        | {"by": "Document"},
        source=source_of(data, pd.concat([demand.rows.head(1), rows])),
        layout=Layout(("period", "by"), (), ("children_n", "above_pct")),
        text=_base_said(name, counts, year, area),
        notes=("The document does not say on which day its years fall, nor which count it used.",),
        published=True,
    )
