"""Chapter 70: how much of the years ahead is spoken for by children who are in care today."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs.care.mix import tree_sums
from needs.costs.budget import Floats, ranged
from needs.costs.budget_past import Dearer, by_child, new_against_old
from needs.forecast.flow.model import FlowModel
from needs.forecast.levers import Entries
from needs.sufficiency.budget import MILLION, Outturns
from needs.sufficiency.budget_levers import as_it_is
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

__all__ = ["budget_committed"]

NAME = "budget_committed"
_MEASURES = (
    Measure("committed_gbp", "On children in care today", "gbp_m"),
    Measure("new_gbp", "On children yet to come", "gbp_m"),
    Measure("dearer_pct", "A new placement's week against an older one's", "percent1"),
    Measure("committed_pct", "On children in care today", "percent", "the outturn"),
)


@STUDY.followed_by
def budget_committed(data: StudyData) -> tuple[Result, ...]:
    """Return spending on children in care today, and on those yet to come (``budget_committed``).

    Nothing where the flow model, which alone tells them apart, could not be fitted.

    Returns
    -------
    tuple of Result
        By type and group, and year: ``committed_gbp`` with its 80% range, ``new_gbp``, and
        ``committed_pct`` of the outturn.
    """
    out = Outturns.of(data)
    model = out.ahead.model
    if model is None:
        return ()
    dearer = _dearer(out)
    committed = _committed(data, out, model, dearer.used if dearer else 1.0)
    table = _table(out, committed, dearer)
    basis, first, last = out.spending.basis, out.year_keys[0], out.year_keys[-1]
    return (
        Result(
            name=NAME,
            title="What is spoken for already",
            subtitle=f"Gross pounds on placements, forecast, {basis.study.authority.name}",
            table=table,
            measures=_MEASURES,
            labels=out.labels,
            source=f"{out.spending.source}; the flow model",
            layout=Layout(
                ("group", "measure"), ("period",), ("committed_gbp", "new_gbp", "committed_pct")
            ),
            text=(
                Sentence(
                    "Children in care today will account for {share} of spending in {year} and "
                    "{later} in {last}: so much is set by what is done for them, and not by who "
                    "comes.",
                    {
                        "share": figure_id(NAME, "committed_pct", ALL, first),
                        "later": figure_id(NAME, "committed_pct", ALL, last),
                    },
                    {"year": first, "last": last},
                ),
                *_said(dearer, first),
            ),
            charts=(_picture(out),),
            additive=tree_sums(out.nodes),
            notes=(
                "Children in care today are followed by the flow model to where each may live and "
                "until each may leave, as if nobody came after them. Their share of all children "
                "in that model, by placement type and year, is their share of the outturn here.",
                "New placements are paid for as much dearer or cheaper than older ones as they "
                "were in the last year known, as far as chance does not explain it.",
                "A child in care today who moves counts where he or she then lives: what is spoken "
                "for is the child, and no contract.",
            ),
            settings={**out.settings, "draws": data.study.forecast.scenario_draws},
            leans_on=out.leans(NAME, table),
        ),
    )


def _table(out: Outturns, committed: Floats, dearer: Dearer | None) -> pd.DataFrame:
    """Return pounds on children of today, on those to come, and shares, by type and year."""
    frames = [_of_new(dearer, out.year_keys[0])] if dearer else []
    for node in (None, *out.nodes):
        made = ranged(out.of_node(committed, node) / MILLION, out.year_keys)
        whole = out.of_node(out.gross, node).mean(axis=0) / MILLION
        made = made.drop(columns=["median", "lower_95", "upper_95"])
        mine = made.assign(group=node.key if node else ALL)
        plain = mine[["period", "group"]]
        with np.errstate(invalid="ignore"):
            share = 100 * mine["value"] / whole
        frames += [
            mine.assign(measure="committed_gbp"),
            plain.assign(measure="new_gbp", value=whole - mine["value"]),
            plain.assign(measure="committed_pct", value=share),
        ]
    return long_table(pd.concat(frames, ignore_index=True))


def _picture(out: Outturns) -> Chart:
    basis = out.spending.basis
    return Chart(
        key="committed",
        kind="stacked_bar",
        measure="committed_gbp",
        title="Spending on the children who are in care today",
        subtitle=f"Million pounds, gross, forecast, {basis.study.authority.name}",
        alt="Stacked bars, one for each year ahead, of spending on children who are "
        "in care today by group of placements: they get shorter.",
        include={"group": tuple(n.key for n in out.nodes if n.parent == ALL)},
    )


def _dearer(out: Outturns) -> Dearer | None:
    child = by_child(out.spending)
    return new_against_old(child, int(child["window"].max()))


def _of_new(dearer: Dearer, year: str) -> pd.DataFrame:
    """Return by how many per cent a new placement is dearer."""
    value, low, high = (100 * (x - 1) for x in (dearer.ratio, dearer.lower_80, dearer.upper_80))
    row = {"group": ALL, "period": year, "measure": "dearer_pct", "value": value}
    return pd.DataFrame([{**row, "lower_80": low, "upper_80": high}])


def _said(dearer: Dearer | None, year: str) -> tuple[Sentence, ...]:
    if dearer is None:
        return ()
    ends = {"n": "", "low": "_lower_80", "high": "_upper_80"}
    return (
        Sentence(
            "The price of a week of a placement that began in the last year known lay {n} from "
            "that of one of the same type that ran before, between {low} and {high}; below nought "
            "is cheaper.",
            {k: figure_id(NAME, f"dearer_pct{e}", ALL, year) for k, e in ends.items()},
        ),
    )


def _committed(data: StudyData, out: Outturns, model: FlowModel, dearer: float) -> Floats:
    """Return pounds on children in care today, shape (draws, years, types).

    Where new placements are dearer, those who are there already cost less than the mean.
    """
    study = data.study
    every = as_it_is(data, model)
    rng = np.random.default_rng(study.seed)
    nobody = Entries(-100.0, each_year=False)
    still = model.simulate(every.days, study.forecast.scenario_draws, rng, [nobody])
    mine, whole = (out.between(f.draws.astype(float)) for f in (still, every))
    top, below = mine.mean(axis=0), whole.mean(axis=0)
    share = np.clip(np.divide(top, below, out=np.zeros_like(top), where=below > 0), 0.0, 1.0)
    share = share / (share + (1 - share) * dearer)
    gbp = out.paid(mine)
    mean = gbp.mean(axis=0)
    rest = out.gross.mean(axis=0)
    rest[0] -= out.so_far
    found: Floats = gbp * np.divide(share * rest, mean, out=np.zeros_like(mean), where=mean > 0)
    found[:, 0] += out.so_far
    return found
