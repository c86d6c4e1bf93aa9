"""Chapter 45: own places that hold a child, and the share of foster care that they lead to."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from needs.care.results_mix import placement_mix
from needs.care.rows import unavailable, wide_rows
from needs.sufficiency.fostering.ahead import YEARS, Ahead
from needs.sufficiency.fostering.pipeline import GROUPS, Pipeline
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Layout, Measure, Result, Sentence, figure_id, long_table

__all__ = ["expected_share", "filled", "share_ahead"]

FILLED, SHARE = "foster_filled", "foster_share"
TYPES: Mapping[str, str] = {"mainstream": "in_house_foster", "kinship": "kinship"}
"""Kinds of household, and the placement type of children who live with them."""
EVERY = "all_fostering"
MIX = "cla_placement_mix"
_NO_TYPE = "The study's category map has no types for children with own foster carers."
_CUTS = {"lower_80": 10.0, "upper_80": 90.0, "lower_95": 2.5, "upper_95": 97.5}


def _mix(data: StudyData) -> pd.Series:
    """Return children of the placement mix by type and day."""
    table = placement_mix(data).table
    rows = table[table["measure"] == "children_n"]
    return rows.set_index(["group", "period"])["value"]


def expected_share(data: StudyData) -> float | None:
    """Return children with own mainstream carers today, per cent of all in foster care."""
    mix, day = _mix(data), Pipeline.of(data).basis.date_keys[-1]
    keys = [(TYPES["mainstream"], day), (EVERY, day)]
    if not all(k in mix.index for k in keys) or not mix[keys[1]]:
        return None
    return 100 * float(mix[keys[0]]) / float(mix[keys[1]])


def _on(data: StudyData) -> pd.DataFrame:
    """Return places and children by kind and 31 March."""
    pipeline, mix = Pipeline.of(data), _mix(data)
    dates = {k: pd.Timestamp(k) for k in pipeline.basis.date_keys}
    covered = pipeline.ends()
    keys = [k for k, d in dates.items() if covered and (d - pd.Timestamp(0)).days >= covered[0]]
    rows = []
    for group, kind in TYPES.items():
        own = pipeline.of_group(group)
        on = own.approved_on([(dates[k] - pd.Timestamp(0)).days for k in keys])
        places = (on * own.rows["places"].fillna(0).to_numpy()[:, None]).sum(axis=0)
        for k, n in zip(keys, places, strict=True):
            if n and (kind, k) in mix.index:
                rows.append((group, k, float(n), float(mix[kind, k])))
    return pd.DataFrame(rows, columns=["group", "period", "places_n", "children_n"])


@STUDY.followed_by
def filled(data: StudyData) -> Result:
    """Return approved places and the children in them on each 31 March (``foster_filled``).

    Parameters
    ----------
    data : StudyData
        A study with a table of carers and SSDA903 returns.

    Returns
    -------
    Result
        By kind (``group``) and day: approved places, children of the placement type, places
        without a child, occupancy.
    """
    pipeline = Pipeline.of(data)
    basis = pipeline.basis
    wide = _on(data)
    title = "Own foster places with a child"
    subtitle = f"Approved places and children in them, {basis.study.authority.name}"
    rate = Measure("filled_pct", "Occupancy", "percent", "approved places")
    if wide.empty:
        return unavailable(basis, FILLED, title, subtitle, rate, _NO_TYPE)
    wide["empty_n"] = wide["places_n"] - wide["children_n"]
    wide["filled_pct"] = 100 * wide["children_n"] / wide["places_n"]
    table = wide_rows(wide, ["group", "period"])
    keys = table[["measure", "group", "period"]].itertuples(index=False)
    last = wide.loc[wide["group"] == "mainstream", "period"].max()
    return Result(
        name=FILLED,
        title=title,
        subtitle=subtitle,
        table=table,
        measures=(
            Measure("places_n", "Approved places", "places"),
            Measure("children_n", "Children in them", "children"),
            Measure("empty_n", "Approved places without a child", "places"),
            rate,
        ),
        labels={**{g: GROUPS[g] for g in TYPES}, **basis.date_labels},
        source=f"{basis.study.authority.short_name}: foster carer pipeline; {basis.source}",
        layout=Layout(rows=("group", "measure"), columns=("period",)),
        text=(
            Sentence(
                "On {day} {pct} of approved mainstream places held a child.",
                {"pct": figure_id(FILLED, "filled_pct", "mainstream", last)},
                {"day": basis.date_labels[last]},
            ),
        )
        if isinstance(last, str)
        else (),
        notes=(
            "Children are those whom chapter twenty counts in the placement type. Returns do not "
            "say which household a child lives with, so that households without a child cannot "
            "be counted, nor why they have none: an approved place without a child is one that is "
            "free, held back, or kept from use. More than a hundred per cent: exemptions, or "
            "the table lacks households.",
        ),
        settings=basis.settings(),
        leans_on={
            figure_id(FILLED, m, g, p): (figure_id(MIX, "children_n", TYPES[g], p),)
            for m, g, p in keys
        },
    )


@STUDY.followed_by
def share_ahead(data: StudyData) -> Result:
    """Return the in-house share that recruitment as now leads to (``foster_share``).

    Parameters
    ----------
    data : StudyData
        A study with a table of carers and SSDA903 returns.

    Returns
    -------
    Result
        By day: children with own mainstream carers, per cent of all in foster care, mean with
        80% and 95% ranges, with as many children in foster care and places as full as today.
    """
    found, pipeline = Ahead.of(data), Pipeline.of(data)
    basis, share = pipeline.basis, expected_share(data)
    title = "The share of foster care that is in-house"
    subtitle = f"With own mainstream carers, of all in foster care, {basis.study.authority.name}"
    measure = Measure("share_pct", "With own mainstream carers", "percent1", "foster care")
    if found is None or not share or "mainstream" not in found.futures:
        return unavailable(basis, SHARE, title, subtitle, measure, _NO_TYPE)
    fit = found.fits["mainstream"]
    now = float((fit.stock.sum(axis=0) * np.arange(fit.stock.shape[1])).sum())
    draws = np.minimum(found.futures["mainstream"].places * share / max(now, 1.0), 100.0)
    day = pd.Timestamp(pipeline.day, unit="D")
    days = [day + pd.DateOffset(years=k) for k in range(YEARS + 1)]
    keys = {d.date().isoformat(): f"{d.day} {d:%b} {d.year}" for d in days}
    cuts = {name: [np.nan, *np.percentile(draws, q, axis=0)] for name, q in _CUTS.items()}
    mean = [share, *draws.mean(axis=0)]
    frame = pd.DataFrame({"period": list(keys), "measure": "share_pct", "value": mean, **cuts})
    rests = tuple(
        figure_id(MIX, "children_n", g, basis.date_keys[-1]) for g in (TYPES["mainstream"], EVERY)
    )
    last = list(keys)[-1]
    return Result(
        name=SHARE,
        title=title,
        subtitle=subtitle,
        table=long_table(frame),
        measures=(measure,),
        labels={ALL: f"All {basis.label} in foster care", **keys},
        source=f"{basis.study.authority.short_name}: foster carer pipeline; {basis.source}",
        layout=Layout(("measure",), ("period",), ("share_pct", *(f"share_pct_{c}" for c in _CUTS))),
        text=(
            Sentence(
                "With recruitment as it goes, {share} of children in foster care would live with "
                "own mainstream carers on {day}; today it is {now}.",
                {
                    "share": figure_id(SHARE, "share_pct", ALL, last),
                    "now": figure_id(SHARE, "share_pct", ALL, next(iter(keys))),
                },
                {"day": keys[last]},
            ),
        ),
        notes=(
            "As many children in foster care, and places as full, as today: chapter fifty has how "
            "many there may be. Family and friends count in foster care and not as mainstream.",
        ),
        settings=basis.settings(),
        leans_on={
            figure_id(SHARE, "share_pct" + end, ALL, p): rests
            for p in keys
            for end in ("", *(f"_{c}" for c in _CUTS))
        },
    )
