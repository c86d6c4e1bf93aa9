"""Chapter 30: strengths and difficulties (SDQ) of the yearly outcomes return, by band.

Bands of the total score as the Department for Education publishes them for children looked after:
0 to 13 normal, 14 to 16 borderline, 17 to 40 of concern ("Outcomes for children looked after by
local authorities", methodology; Goodman 1997, Journal of Child Psychology and Psychiatry 38).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd

from needs.care.ages import completed_years
from needs.care.basis import Basis
from needs.care.rows import wide_rows
from needs.care.windows import Window
from needs.vocabulary.codes import code_set
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import Records, StudyData
from needs.vocabulary.results import (
    ALL,
    Additive,
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
)

__all__ = ["BANDS", "SDQ", "strengths_and_difficulties"]

SDQ = "needs_sdq"
AGES = (4, 16)
"""First and last age, in completed years at the year's end, at which a score is asked for."""
BANDS: Mapping[str, tuple[int, int]] = {
    "normal": (0, 13),
    "borderline": (14, 16),
    "concern": (17, 40),
}
_WORDS = {
    "normal": "Normal, 0 to 13",
    "borderline": "Borderline, 14 to 16",
    "concern": "High concern, 17 to 40",
}
NOT_STATED = "not_stated"


def _reasons() -> dict[str, str]:
    """Return the key of each reason for no score, and its words."""
    labels = code_set("SDQ_REASON").labels
    return {c.lower(): f"{w[:1].upper()}{w[1:]}" for c, w in labels.items()} | {
        NOT_STATED: "No reason stated"
    }


def _measures() -> tuple[Measure, ...]:
    reasons = (Measure(f"{k}_n", f"No score: {w}", "children") for k, w in _reasons().items())
    of = "children with a score"
    shares = (
        Measure(f"{b}_pct", w, "percent", of, (f"{b}_n", "scored_n")) for b, w in _WORDS.items()
    )
    return (
        Measure("cohort_n", "Aged 4 to 16, looked after for twelve months", "children"),
        Measure("scored_n", "With a score", "children"),
        Measure(
            "response_pct", "Response", "percent", "children of the cohort",
            ("scored_n", "unscored_n"),
        ),
        *(Measure(f"{b}_n", w, "children") for b, w in _WORDS.items()),
        *shares,
        Measure("mean_score", "Average score", "score", "", ("scored_n",)),
        Measure("unscored_n", "Without a score", "children"),
        *reasons,
    )  # fmt: skip


def strengths_and_difficulties(data: StudyData) -> Result:
    """Return bands of the SDQ, with cohort, response and the reasons for no score.

    Parameters
    ----------
    data : StudyData
        A study whose returns have the outcomes table OC2.

    Returns
    -------
    Result
        ``needs_sdq``: by reporting year, from the year's own return.

    Raises
    ------
    InputMissing
        If no return has the table.
    """
    basis = Basis.of(data)
    windows = [w for w in basis.shown.windows if not w.part]
    frame = _frame(basis.records, windows)
    if frame.empty:
        raise InputMissing("ssda903")
    measures = _measures()
    reasons = tuple(f"{k}_n" for k in _reasons())
    return Result(
        name=SDQ,
        title="Strengths and difficulties",
        subtitle=basis.flow_subtitle("Children aged 4 to 16, looked after for twelve months"),
        table=wide_rows(frame, ["period"]),
        measures=measures,
        labels={ALL: "All", **basis.window_labels},
        source=f"{basis.source}, outcomes (OC2)",
        layout=Layout(("measure",), ("period",), _shown(measures)),
        text=_said(frame, basis),
        charts=_charts(basis, frame),
        additive=(
            Additive("measure", "cohort_n", ("scored_n", "unscored_n")),
            Additive("measure", "scored_n", tuple(f"{b}_n" for b in BANDS)),
            Additive("measure", "unscored_n", reasons),
        ),
        notes=(
            "The cohort is who stands in the year's outcomes table, which holds children looked "
            "after for at least twelve months at 31 March, and was aged 4 to 16 on that day. A "
            "score is asked for at these ages.",
            "Shares are of children with a score, not of all: the response says how many that is. "
            "Ranges: Wilson, Journal of the American Statistical Association 1927; they hold "
            "chance alone, not what those without a score would have added.",
            "A score outside 0 to 40 counts as none.",
        ),
        settings={"ages": list(AGES), "bands": {k: list(v) for k, v in BANDS.items()}},
    )


def _shown(measures: Sequence[Measure]) -> tuple[str, ...]:
    """Return every measure, the shares of bands with their ranges."""
    ends = {f"{b}_pct": ("", "_lower_95", "_upper_95") for b in BANDS}
    return tuple(f"{m.key}{end}" for m in measures for end in ends.get(m.key, ("",)))


def _frame(records: Records, windows: Sequence[Window]) -> pd.DataFrame:
    """Return counts and shares of each year that has the table, one row a year."""
    if "oc2" not in records.tables or "sdq_score" not in records.tables["oc2"]:
        return pd.DataFrame()
    oc2 = records.tables["oc2"]
    dob = records.children["dob"].to_numpy()
    rows = []
    for w in windows:
        mine = oc2[oc2["return_year"] == w.year.end_year].drop_duplicates("child", keep="last")
        day = np.full(len(mine), np.datetime64(pd.Timestamp(w.end), "ns"))
        age = completed_years(dob[mine["child"].to_numpy()], day, records.counting)
        mine = mine[(age >= AGES[0]) & (age <= AGES[1])]
        if len(mine):
            rows.append({"period": w.key, **_of_year(mine)})
    return pd.DataFrame(rows)


def _of_year(rows: pd.DataFrame) -> dict[str, float]:
    """Return the numbers of one year's cohort."""
    score = pd.to_numeric(rows["sdq_score"], errors="coerce")
    score = score.where(score.between(0, BANDS["concern"][1]))
    scored = int(score.notna().sum())
    without = rows[score.isna()]
    said = (
        without["sdq_reason"].astype(object)
        if "sdq_reason" in without
        else pd.Series(None, index=without.index, dtype=object)
    )
    key = said.astype(str).str.lower().where(said.notna(), NOT_STATED)
    known = _reasons()
    key = key.where(key.isin(list(known)), NOT_STATED)
    out: dict[str, float] = {
        "cohort_n": len(rows),
        "scored_n": scored,
        "response_pct": 100 * scored / len(rows),
        "unscored_n": len(without),
        "mean_score": float(score.mean()) if scored else np.nan,
    }
    for band, (low, high) in BANDS.items():
        n = int((score >= low).sum() - (score > high).sum())
        out[f"{band}_n"] = n
        out[f"{band}_pct"] = 100 * n / scored if scored else np.nan
        lower, upper = _wilson(n, scored)
        out[f"{band}_pct_lower"], out[f"{band}_pct_upper"] = 100 * lower, 100 * upper
    for reason in known:
        out[f"{reason}_n"] = int((key == reason).sum())
    return out


def _wilson(k: int, n: int, level: float = 0.95) -> tuple[float, float]:
    """Return the interval of a share (Wilson 1927); NaN where there is nobody."""
    from scipy.stats import norm  # noqa: PLC0415 - slow

    if not n:
        return np.nan, np.nan
    z, p = float(norm.ppf(0.5 + level / 2)), k / n
    middle, wide = p + z**2 / (2 * n), z * (p * (1 - p) / n + z**2 / (4 * n**2)) ** 0.5
    return (middle - wide) / (1 + z**2 / n), (middle + wide) / (1 + z**2 / n)


def _said(frame: pd.DataFrame, basis: Basis) -> tuple[Sentence, ...]:
    last = str(frame["period"].iloc[-1])

    def ref(measure: str) -> str:
        return figure_id(SDQ, measure, ALL, last)

    return (
        Sentence(
            "{year}: of {cohort} children of the ages asked about, {scored} have a score, or "
            "{response}. Of these, {normal} lie in the normal band, {border} are borderline and "
            "{concern} are of high concern.",
            {
                "cohort": ref("cohort_n"),
                "scored": ref("scored_n"),
                "response": ref("response_pct"),
                "normal": ref("normal_pct"),
                "border": ref("borderline_pct"),
                "concern": ref("concern_pct"),
            },
            {"year": basis.window_labels[last]},
        ),
    )


def _charts(basis: Basis, frame: pd.DataFrame) -> tuple[Chart, ...]:
    if len(frame) < 2:
        return ()
    return (
        Chart(
            "concern",
            "line",
            "concern_pct",
            "Children whose score is of high concern",
            basis.flow_subtitle("Share of children with a score"),
            "A line with a point for each reporting year: share of the children with a score "
            "whose score is of high concern.",
        ),
    )
