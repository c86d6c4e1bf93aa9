"""Chapter 50 from records: which method did best in past years, and whether that is luck."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from needs.care.windows import day_words
from needs.forecast.ahead import Ahead
from needs.forecast.ahead_held import narrow_said, span_said
from needs.forecast.backtest import HORIZONS
from needs.forecast.backtest_scores import VERDICTS, YARDSTICK, summary, verdicts
from needs.forecast.combine import COMBINED
from needs.forecast.method_words import METHOD_WORDS
from needs.forecast.outlook import AHEAD
from needs.forecast.shape import TOTAL
from needs.vocabulary.periods import ReportingYear
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

__all__ = ["methods_by_year", "methods_tested", "past_years", "types_tested"]

POOLED = "every"
PICTURED = 2
RANGELESS = frozenset({"share_method"})
_NOTES = (
    "Each forecast is made at the end of a March with the records cut off there: what started "
    "later is unknown, what ended later still goes on. Corrections that later returns made to "
    "earlier years are in it, so that it knew a little more than people knew on the day.",
    "CRPS is the mean distance between what a method thought likely and what came: it asks for a "
    "good guess and for an honest range, and is in children. MASE is the mean absolute error as a "
    "multiple of the last value's. A method beats luck if the difference to the last value is more "
    "than chance allows both by Student's t over the days forecast from and by the sign test.",
    "Days forecast from are a year apart, and their outcomes overlap: they prove less than as many "
    "separate ones would.",
)


def _key(horizon: int) -> str:
    return f"h{horizon}" if horizon else POOLED


_BY = {_key(h): f"{words} ahead".capitalize() for h, words in AHEAD.items()} | {
    POOLED: "All years ahead"
}


def _result(ahead: Ahead, name: str, title: str, **more: object) -> Result:
    basis = ahead.outlook.basis
    base: dict[str, object] = {
        "table": long_table(pd.DataFrame({"measure": [], "value": []})),
        "measures": (),
        "labels": {},
        "text": (
            Sentence(
                "Nothing is shown: it takes four years of returns, with enough children in each."
            ),
        ),
    }
    made = {**base, **more}
    return Result(
        name=name,
        title=title,
        subtitle=f"{basis.heading} at the end of March, {basis.study.authority.name}",
        source=basis.source,
        notes=_NOTES,
        settings={
            **basis.settings(),
            "draws": basis.study.forecast.tested_draws,
            "seed": basis.study.seed,
        },
        **made,  # type: ignore[arg-type]
    )


_MEASURES = (
    Measure("mae_n", "Mean absolute error, children", "children_forecast"),
    Measure("mase", "Error as a multiple of the last value's", "ratio"),
    Measure("crps_n", "CRPS, children", "children_forecast"),
    Measure("bias_n", "Mean error, children", "children_forecast"),
    Measure("cover_50_pct", "Inside the range of 50%", "percent"),
    Measure("cover_80_pct", "Inside the range of 80%", "percent"),
    Measure("cover_95_pct", "Inside the range of 95%", "percent"),
    Measure("origins_n", "Days forecast from", "count"),
)
SHOWN = (*(m.key for m in _MEASURES), "weight_pct")
_COLUMNS = {
    "mae": "mae_n", "crps": "crps_n", "bias": "bias_n", "cover_50": "cover_50_pct",
    "cover_80": "cover_80_pct", "cover_95": "cover_95_pct",
}  # fmt: skip


def _scores(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the scores that are shown; a method that states no range has no coverage."""
    scores = summary(rows).rename(columns=_COLUMNS)
    bare = scores["method"].isin(RANGELESS)
    scores.loc[bare, [c for c in scores if str(c).startswith("cover_")]] = float("nan")
    return scores


def methods_tested(data: StudyData) -> Result:
    """Return how each method would have done on the total, and what it proves.

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Returns
    -------
    Result
        ``ahead_methods``: scores of :func:`~needs.forecast.backtest_scores.summary` by method
        (group) and years ahead (by); ``weight_pct`` in the combined forecast; ``apart_n``,
        ``apart_error_n`` and ``better_n``, the difference to the last value.
    """
    ahead = Ahead.of(data)
    title = "How each method would have done in past years"
    rows = ahead.rows()
    if rows.empty:
        return _result(ahead, "ahead_methods", title)
    scores = _scores(rows)
    judged = verdicts(rows).set_index("method")
    scores = scores[scores["horizon"] == 0]
    table = scores.assign(by=POOLED, group=scores["method"]).melt(
        ["group", "by"], [m.key for m in _MEASURES], var_name="measure"
    )
    weights = [
        {
            "group": m,
            "by": POOLED,
            "measure": "weight_pct",
            "value": 100 * ahead.tested.weights.get(m, 0),
        }
        for m in METHOD_WORDS
        if m in set(scores["method"]) - {COMBINED}
    ]
    apart = judged.rename(columns={"difference": "apart_n", "error": "apart_error_n"}).reset_index()
    differences = apart.assign(by=POOLED, group=apart["method"]).melt(
        ["group", "by"], ["apart_n", "apart_error_n", "better_n"], var_name="measure"
    )
    table = pd.concat([table, pd.DataFrame(weights), differences], ignore_index=True)
    order = {m: i for i, m in enumerate(METHOD_WORDS)}
    table = table.sort_values("group", key=lambda s: s.map(order), kind="stable")
    return _result(
        ahead,
        "ahead_methods",
        title,
        table=long_table(table.assign(marker=table["value"].isna().map({True: "z", False: ""}))),
        measures=(
            *_MEASURES,
            Measure("weight_pct", "Weight in the combined forecast", "percent"),
            Measure("apart_n", "CRPS less the last value's, children", "score"),
            Measure("apart_error_n", "Standard error of that", "score"),
            Measure("better_n", "Days from which it did better", "count"),
        ),
        labels={**METHOD_WORDS, **_BY, "group": "Method", "by": "Looking"},
        layout=Layout(("group",), ("measure",), SHOWN),
        text=_verdict_said(scores, judged),
    )


def methods_by_year(data: StudyData) -> Result:
    """Return the scores of each method by years ahead (``ahead_methods_years``).

    Returns
    -------
    Result
        As :func:`methods_tested`, by method (group) and years ahead (by).
    """
    ahead = Ahead.of(data)
    title = "How each method would have done, by years ahead"
    rows = ahead.rows()
    if rows.empty:
        return _result(ahead, "ahead_methods_years", title)
    scores = _scores(rows)
    order = {m: i for i, m in enumerate(METHOD_WORDS)}
    scores = scores[scores["horizon"] > 0].sort_values(
        "method", key=lambda s: s.map(order), kind="stable"
    )
    table = scores.assign(by=scores["horizon"].map(_key), group=scores["method"]).melt(
        ["group", "by"], [m.key for m in _MEASURES], var_name="measure"
    )
    table["group"] = pd.Categorical(table["group"], list(METHOD_WORDS))
    table = table.sort_values("group", kind="stable").astype({"group": str})
    return _result(
        ahead,
        "ahead_methods_years",
        title,
        table=long_table(table.assign(marker=table["value"].isna().map({True: "z", False: ""}))),
        measures=_MEASURES,
        labels={**METHOD_WORDS, **_BY, "group": "Method", "by": "Looking"},
        layout=Layout(("group", "measure"), ("by",)),
        text=(
            Sentence("Years ahead differ in how many days they rest on: the further, the fewer."),
        ),
    )


def _verdict_said(scores: pd.DataFrame, judged: pd.DataFrame) -> tuple[Sentence, ...]:
    """Return which method won, by how much, whether that is luck, and the combined's verdict."""
    pooled = scores[scores["horizon"] == 0].set_index("method")["crps_n"]
    best = str(pooled.drop(COMBINED, errors="ignore").idxmin())
    said = []

    def ref(measure: str, method: str) -> str:
        return figure_id("ahead_methods", measure, method, by=POOLED)

    for method in dict.fromkeys([best, COMBINED]):
        if method == YARDSTICK:
            said.append(Sentence("In past years no method did better than the last value."))
            continue
        lead = "Best in past years was" if method == best else "Then comes, as it is used here,"
        said.append(
            Sentence(
                "{lead} “{method}”: a CRPS of {crps} children against {last} for the last value. "
                "It did better from {better} of {n} days. It is {verdict}.",
                {
                    "crps": ref("crps_n", method),
                    "last": ref("crps_n", YARDSTICK),
                    "better": ref("better_n", method),
                    "n": ref("origins_n", method),
                },
                {
                    "lead": lead,
                    "method": METHOD_WORDS[method],
                    "verdict": VERDICTS[str(judged.loc[method, "verdict"])],
                },
            )
        )
    said.append(
        Sentence(
            "Its ranges that leave a tenth on each side held {share} of what came, from {n} days.",
            {"share": ref("cover_80_pct", COMBINED), "n": ref("origins_n", COMBINED)},
        )
    )
    return tuple(said)


def types_tested(data: StudyData) -> Result:
    """Return how each method would have done by placement type, over all years ahead.

    Returns
    -------
    Result
        ``ahead_methods_types``: ``mae_n``, ``mase``, ``crps_n``, ``bias_n`` and ``cover_80_pct``
        by row of the demand table (group) and method (by), for rows with enough children on
        every day.
    """
    ahead = Ahead.of(data)
    title = "How each method would have done by placement type"
    mix = ahead.mix
    rows = ahead.rows(tuple(g for g in ahead.table_rows if g != ALL))
    if rows.empty:
        return _result(ahead, "ahead_methods_types", title)
    scores = _scores(rows)
    scores = scores[scores["horizon"] == 0]
    shown = ("mae_n", "mase", "crps_n", "bias_n", "cover_80_pct")
    table = scores.assign(by=scores["method"]).melt(["group", "by"], shown, var_name="measure")
    judged = verdicts(rows)
    good = judged[(judged["method"] == COMBINED)]
    words = {n.key: n.label for n in mix.nodes}
    sure = [f"“{words[g]}”" for g in good.loc[good["verdict"] == "better", "group"]]
    text = (
        "By placement type the combined forecast beats the last value by more than luck for "
        f"{' and '.join(sure)}."
        if sure
        else "For no placement type does the combined forecast beat the last value by more than "
        "luck."
    )
    return _result(
        ahead,
        "ahead_methods_types",
        title,
        table=long_table(table.assign(marker=table["value"].isna().map({True: "z", False: ""}))),
        measures=tuple(m for m in _MEASURES if m.key in shown),
        labels={**words, **METHOD_WORDS, "by": "Method"},
        layout=Layout(("group", "measure"), ("by",)),
        text=(
            Sentence("{text}", words={"text": text}),
            *span_said(scores[scores["method"] == COMBINED], words),
            *narrow_said(scores[scores["method"] == COMBINED], words),
        ),
    )


def past_years(data: StudyData) -> Result:
    """Return what methods would have said of each past year, beside the count.

    Returns
    -------
    Result
        ``ahead_past``: ``total_n`` on each 31 March: counted, and as the combined forecast and
        the last value would have had it one to five years before.
    """
    ahead = Ahead.of(data)
    title = "What the forecast would have said in past years"
    rows = ahead.rows()
    if rows.empty:
        return _result(ahead, "ahead_past", title)
    chosen = rows[rows["method"].isin([COMBINED, YARDSTICK]) & (rows["group"] == TOTAL)]
    years = chosen["origin"] + chosen["horizon"]
    told = pd.DataFrame(
        {
            "group": chosen["method"],
            "by": chosen["horizon"].map(_key),
            "period": [ReportingYear(int(y)).end.isoformat() for y in years],
            # The last value is the count of the day forecast from, not the mean of draws about it.
            "value": chosen["forecast"].where(chosen["method"] != YARDSTICK, chosen["base"]),
        }
    )
    seen = chosen.assign(year=years).drop_duplicates("year").sort_values("year")
    counted = pd.DataFrame(
        {
            "group": "counted",
            "by": "on_day",
            "period": [ReportingYear(int(y)).end.isoformat() for y in seen["year"]],
            "value": seen["outcome"],
        }
    )
    labels = {
        ReportingYear(int(y)).end.isoformat(): day_words(ReportingYear(int(y)).end, short=True)
        for y in seen["year"]
    }
    pictured = _key(HORIZONS[PICTURED - 1])
    return _result(
        ahead,
        "ahead_past",
        title,
        table=long_table(pd.concat([counted, told], ignore_index=True).assign(measure="total_n")),
        measures=(Measure("total_n", "Children", "children_forecast"),),
        labels={"counted": "Counted", **METHOD_WORDS, "on_day": "On the day", **_BY, **labels}
        | {"group": "Forecast", "by": "Made"},
        layout=Layout(("group", "by"), ("period",)),
        text=(_last_said(told, labels),),
        charts=(
            Chart(
                key="past",
                kind="line",
                measure="total_n",
                title=f"Counted, and as forecast {AHEAD[PICTURED]} before",
                subtitle="Children at the end of March",
                alt="Lines for the count, for the combined forecast and for the last value held.",
                include={"by": ("on_day", pictured)},
            ),
        )
        if (told["by"] == pictured).sum() > PICTURED
        else (),
    )


def _last_said(told: pd.DataFrame, labels: Mapping[str, str]) -> Sentence:
    last = max(labels)
    made = told[(told["period"] == last) & (told["group"] == COMBINED)]
    by = str(made["by"].iloc[0])
    return Sentence(
        "{looking} before {day} it would have said {said}; {counted} were counted. The last value "
        "would have said {held}.",
        {
            "said": figure_id("ahead_past", "total_n", COMBINED, last, by),
            "held": figure_id("ahead_past", "total_n", YARDSTICK, last, by),
            "counted": figure_id("ahead_past", "total_n", "counted", last, "on_day"),
        },
        {"looking": _BY[by].removesuffix(" ahead"), "day": labels[last]},
    )
