"""Printed shares held against the printed counts that they should follow from."""

from __future__ import annotations

import pandas as pd

from needs.care.published_figures import (
    cell,
    combined,
    own,
    select,
    source_of,
    words_for,
)
from needs.care.published_mix import BASES
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Check, Layout, Measure, Result, Sentence
from needs.vocabulary.units import UNITS, round_half_up

__all__ = ["arithmetic"]

SUMS = {"in_house_and_kinship": ("in_house_fostering", "kinship")}
"""Groups that a document may print as parts only."""


def _counts(data: StudyData) -> pd.Series[float]:
    """Return printed counts by document, month and group; the first printed of each."""
    keys = ["document", "month", "group"]
    rows = select(data, "children_n", area=own(data), by="").drop_duplicates(keys)
    wide = rows.pivot_table(index=keys[:2], columns="group", values="value")
    for whole, parts in SUMS.items():
        if set(parts) <= set(wide.columns):
            made = wide[list(parts)].sum(axis=1, skipna=False)
            wide[whole] = wide[whole].fillna(made) if whole in wide else made
    long = wide.reset_index().melt(keys[:2], var_name="group").dropna()
    return long.set_index(keys)["value"]


def _recomputed(data: StudyData) -> pd.DataFrame:
    """Return printed shares whose part and whole the same document prints for that month."""
    shares = select(data, list(BASES), area=own(data), by="")
    counts = _counts(data)
    part = pd.MultiIndex.from_frame(shares[["document", "month", "group"]])
    base = pd.MultiIndex.from_arrays(
        [shares["document"], shares["month"], shares["measure"].map(BASES)]
    )
    exact = 100 * counts.reindex(part).to_numpy() / counts.reindex(base).to_numpy()
    known = shares.assign(exact=exact).dropna(subset=["exact"])
    decimals = known["unit"].map({k: u.decimals for k, u in UNITS.items()})
    known["again"] = [
        float(round_half_up(e, d)) for e, d in zip(known["exact"], decimals, strict=True)
    ]
    return known.reset_index(drop=True)


def _table(known: pd.DataFrame, apart: pd.DataFrame, area: str) -> pd.DataFrame:
    """Return differing shares, printed and recomputed, and how many were held against counts."""
    keys = ["area", "measure", "group", "period", "by", "value"]
    named = apart.assign(measure="share_pct", group=apart["figure"], period="")
    tallies = pd.DataFrame(
        {"measure": ["checked_n", "differ_n"], "value": [float(len(known)), float(len(apart))]}
    )
    return combined(
        named.assign(by="printed")[keys],
        named.assign(by="recomputed", value=named["exact"])[keys],
        tallies.assign(area=area, group=ALL),
    )


def _tally_said(name: str, area: str) -> Sentence:
    return Sentence(
        "Of {n} printed shares that could be held against printed counts, {k} differ.",
        {
            "n": cell(name, measure="checked_n", area=area),
            "k": cell(name, measure="differ_n", area=area),
        },
    )


def arithmetic(data: StudyData) -> Result:
    """Return printed shares that do not follow from the counts of the same document.

    Parameters
    ----------
    data : StudyData
        Its published figures of shares and of ``children_n``.

    Returns
    -------
    Result
        One row a share that differs: as printed and as recomputed, half up to the printed
        digit; its place and a note beside it. How many were held against counts in all.

    Raises
    ------
    InputMissing
        If no share can be held against counts.
    """
    name, area = "published_arithmetic", own(data)
    known = _recomputed(data)
    if known.empty:
        raise InputMissing("published")
    apart = known[known["again"] != known["value"]]
    words = words_for(data, known["group"])
    what = [f"{words[g]}, {p}" for g, p in zip(apart["group"], apart["period"], strict=True)]
    figure = list(apart["figure"])
    return Result(
        name=name,
        title="Printed shares that do not follow from printed counts",
        subtitle=f"Shares, {data.study.authority.short_name}, within one document",
        table=_table(known, apart, area),
        measures=(
            Measure("share_pct", "Share", "percent1"),
            Measure("checked_n", "Shares held against counts", "count"),
            Measure("differ_n", "Shares that differ", "count"),
        ),
        labels=words_for(data, ["printed", "recomputed"]) | dict(zip(figure, what, strict=True)),
        source=source_of(data, known),
        layout=Layout(("group",), ("by",), ("share_pct",)),
        text=(_tally_said(name, area),),
        checks=(
            Check(
                "Printed shares follow from printed counts",
                "review" if len(apart) else "pass",
                f"shares that differ: {len(apart)} of {len(known)}",
            ),
        ),
        notes=(
            "A share may differ because the document took it of another count than the one it "
            "prints for that month.",
        ),
        row_notes={
            "Document and place": dict(
                zip(figure, apart["document"] + ", " + apart["place"], strict=True)
            ),
            "Note": dict(zip(figure, apart["note"], strict=True)),
        },
        published=True,
    )
