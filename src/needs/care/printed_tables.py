"""Chapter 20: the authority's printed tables of placements, beside the counts of its records.

A study with returns names such tables apart, by a key that begins with ``held_``: they are held
against its records, and shown nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pandas as pd

from needs.care.basis import Basis
from needs.care.published_arithmetic import SUMS
from needs.care.published_figures import HELD, cell, combined, own, source_of, words_for
from needs.care.published_mix import BASES
from needs.care.results_mix import placement_mix
from needs.care.results_restated import why_restated
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.kin import Tie, same
from needs.vocabulary.periods import ReportingYear
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Check, Layout, Measure, Result, Sentence, figure_id
from needs.vocabulary.units import UNITS, round_half_up

__all__ = ["COMPARED", "printed_agreement", "ties"]

NAME = "printed_agreement"
COMPARED: Mapping[str, str] = {
    ALL: ALL,
    "fostering": "all_fostering",
    "kinship": "kinship",
    "in_house_fostering": "in_house_foster",
    "ifa": "ifa",
    "homes": "all_homes",
    "in_house_homes": "in_house_home",
    "external_homes": "external_home",
}
"""Groups of the printed tables, and what the analysis of records calls them."""
YEARS = "all_years"
"""Period of the tallies; each rests on every year."""
TOGETHER = "together"
_SHOWN = ("printed_n", "records_n", "off_n", "printed_pct", "given_pct")
_MEASURES = (
    Measure("printed_n", "Printed", "count"),
    Measure("records_n", "Counted from the records now", "children"),
    Measure("off_n", "Records less printed", "count", "", ("records_n",)),
    # Printed shares, and those of printed counts, say nothing of the records.
    Measure("printed_pct", "Share as printed", "percent", "", ("printed_pct",)),
    Measure("given_pct", "Share that the printed counts give", "percent", "", ("given_pct",)),
    Measure("agree_n", "Counts that agree", "count", "", ("records_n",)),
    Measure("compared_n", "Counts compared", "count"),
    Measure("shares_n", "Printed shares that printed counts can give", "count"),
    Measure("shares_off_n", "Of these, shares that they do not give", "count"),
)


def printed_agreement(data: StudyData) -> Result:
    """Return printed counts of placements beside those of the records, and printed shares.

    Parameters
    ----------
    data : StudyData
        A study with returns, and printed tables of its own area whose ``table`` begins with
        ``held_``.

    Returns
    -------
    Result
        ``printed_agreement``: rows by placement type and reporting year: children at 31 March
        as printed, as counted, and the difference; the printed share and that which the
        printed counts give, half up to the printed digit; a year in which they differ is
        named beside its row.

    Raises
    ------
    InputMissing
        If the study lacks returns or such tables, or they have no year in common.

    Notes
    -----
    That a count equals a printed one tells it. So a tally of one type is hidden with any of its
    counts, that of all types, words and check with it, where any count compared is hidden.
    """
    basis = Basis.of(data)
    rows = _held(data)
    counts, shares = _counts(rows, data), _shares(rows)
    apart = shares[shares["off"]]
    years = apart.groupby("group")["period"]
    named = {str(g): ", ".join(map(str, p)) for g, p in years}
    return Result(
        name=NAME,
        title="The records and the printed tables",
        subtitle=f"Children at the end of each reporting year, {data.study.authority.name}",
        table=_table(counts, shares),
        measures=_MEASURES,
        labels=words_for(data, [*COMPARED, *SUMS], group="Placement type"),
        source=f"{basis.source}; {source_of(data, rows)}",
        layout=Layout(("group", "measure"), ("period",), _SHOWN),
        text=_said(counts, shares),
        checks=(_counts_check(counts), _shares_check(shares)),
        notes=(
            "A printed count is held against the records as they are now, to the digit. A type "
            "that no record has counts as nought.",
            "A printed share is held against the printed counts of the same year, not against "
            "the records.",
            *_apart(rows, data),
            *_changed(data),
        ),
        row_notes={"Years in which the printed share differs": named} if named else {},
        settings=basis.settings(),
        rests_on={YEARS: tuple(sorted(set(counts["period"])))},
        leans_on={figure_id(NAME, "agree_n", TOGETHER, YEARS): _compared(counts)},
    )


def _apart(rows: pd.DataFrame, data: StudyData) -> list[str]:
    """Return which printed counts of children are held against nothing."""
    groups = rows.loc[rows["measure"] == "children_n", "group"].unique()
    left = words_for(data, (g for g in groups if g not in COMPARED))
    named = "; ".join(left[g] for g in groups if g not in COMPARED)
    return [f"Printed counts that are not held against the records: {named}."] if named else []


def _changed(data: StudyData) -> list[str]:
    """Return which years later returns changed, and why."""
    why = why_restated(data).get("children_n")
    return [f"All children, changed by returns later than that of the year. {why}."] if why else []


def _compared(counts: pd.DataFrame) -> tuple[str, ...]:
    """Return the figure id of every count of the records that is held against a printed one."""
    keys = counts[["group", "period"]].itertuples(index=False)
    return tuple(figure_id(NAME, "records_n", group, period) for group, period in keys)


def ties(table: pd.DataFrame) -> Iterator[Tie]:
    """Yield that each count of the records is the one that chapter 20's mix prints."""
    for row in table[table["measure"] == "records_n"].itertuples():
        group, period = str(row.group), str(row.period)
        there = figure_id("cla_placement_mix", "children_n", COMPARED[group], _day(period))
        yield from same(there, figure_id(NAME, "records_n", group, period))


def _day(year: str) -> str:
    return ReportingYear.parse(year).end.isoformat()


def _held(data: StudyData) -> pd.DataFrame:
    """Return the figures of the tables that are held against the records."""
    frame = data.published.figures
    at = frame["table"].str.startswith(HELD) & (frame["area"] == own(data)) & (frame["by"] == "")
    # Tables of needs begin with the same word, and are held against assessments in chapter 30.
    rows: pd.DataFrame = frame[at & frame["measure"].isin(["children_n", *BASES])]
    if rows.empty:
        raise InputMissing("published")
    return rows.reset_index(drop=True)


def _counts(rows: pd.DataFrame, data: StudyData) -> pd.DataFrame:
    """Return printed counts with those of the records; one for each type and year."""
    cells = placement_mix(data).table
    mix = cells[cells["measure"] == "children_n"].set_index(["group", "period"])["value"]
    at = (rows["measure"] == "children_n") & rows["group"].isin(list(COMPARED))
    out = rows[at].drop_duplicates(["group", "period", "value"])[["group", "period", "value"]]
    out = out[[_day(p) in mix.index.get_level_values("period") for p in out["period"]]]
    if out.empty:
        raise InputMissing("published")
    out = out.drop_duplicates(["group", "period"]).rename(columns={"value": "printed_n"})
    found = [
        float(mix.get((COMPARED[g], _day(p)), 0.0))
        for g, p in zip(out["group"], out["period"], strict=True)
    ]
    out = out.assign(records_n=found)
    return out.assign(off_n=out["records_n"] - out["printed_n"]).reset_index(drop=True)


def _shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Return printed shares beside those that the printed counts of their year give."""
    printed = rows[rows["measure"] == "children_n"].drop_duplicates(["group", "period"])
    n = printed.set_index(["group", "period"])["value"].astype(float).to_dict()
    for made, parts in SUMS.items():
        for period in sorted(set(rows["period"])):
            if all((p, period) in n for p in parts):
                n.setdefault((made, period), sum(n[p, period] for p in parts))
    out: list[tuple[str, str, float, float]] = []
    shares = rows[rows["measure"].isin(list(BASES))]
    columns = ("group", "period", "measure", "unit", "value")
    for group, period, measure, unit, value in zip(*(shares[c] for c in columns), strict=True):
        part, whole = n.get((group, period)), n.get((BASES[measure], period))
        if part is not None and whole:
            given = float(round_half_up(100 * part / whole, UNITS[unit].decimals))
            out.append((group, period, float(value), given))
    found = pd.DataFrame(out, columns=["group", "period", "printed_pct", "given_pct"])
    return found.assign(off=(found["printed_pct"] != found["given_pct"]).astype(bool))


def _table(counts: pd.DataFrame, shares: pd.DataFrame) -> pd.DataFrame:
    key = ["group", "period"]
    tally = counts.assign(agree_n=counts["off_n"] == 0, compared_n=1)
    each = tally.groupby("group", sort=False)[["agree_n", "compared_n"]].sum().reset_index()
    whole = each[["agree_n", "compared_n"]].sum().to_frame().T.assign(group=TOGETHER)
    of_shares = pd.DataFrame(
        {"group": [TOGETHER], "shares_n": [len(shares)], "shares_off_n": [shares["off"].sum()]}
    )
    tallies = [each, whole, of_shares]
    return combined(
        counts.melt(key, var_name="measure"),
        shares[[*key, "printed_pct", "given_pct"]].melt(key, var_name="measure"),
        *(t.assign(period=YEARS).melt(key, var_name="measure") for t in tallies),
    )


def _said(counts: pd.DataFrame, shares: pd.DataFrame) -> tuple[Sentence, ...]:
    def ref(measure: str, group: str = TOGETHER) -> str:
        return cell(NAME, measure=measure, group=group, period=YEARS)

    groups = list(dict.fromkeys(counts["group"]))
    # It rests on the tally of each type too, and so goes where one of them is hidden.
    parts = "; ".join(f"{{w_{g}}} {{k_{g}}} of {{n_{g}}}" for g in groups)
    of_counts = Sentence(
        f"Of {{n}} printed counts, the records give {{k}} to the digit: {parts}.",
        {
            "n": ref("compared_n"),
            "k": ref("agree_n"),
            **{f"k_{g}": ref("agree_n", g) for g in groups},
            **{f"n_{g}": ref("compared_n", g) for g in groups},
        },
        {f"w_{g}": COMPARED_WORDS[g] for g in groups},
    )
    of_shares = Sentence(
        "Of {n} printed shares, the printed counts do not give {k}.",
        {"n": ref("shares_n"), "k": ref("shares_off_n")},
    )
    return (of_counts, *([of_shares] if len(shares) else []))


COMPARED_WORDS: Mapping[str, str] = {
    ALL: "all children",
    "fostering": "foster care",
    "kinship": "kinship foster care",
    "in_house_fostering": "in-house foster care",
    "ifa": "agency foster care",
    "homes": "children's homes",
    "in_house_homes": "in-house homes",
    "external_homes": "external homes",
}
"""The groups, as a sentence names them."""


def _counts_check(counts: pd.DataFrame) -> Check:
    off = int((counts["off_n"] != 0).sum())
    return Check(
        "Records give the printed counts",
        "review" if off else "pass",
        f"counts that differ: {off} of {len(counts)}",
        _compared(counts),
    )


def _shares_check(shares: pd.DataFrame) -> Check:
    off = int(shares["off"].sum())
    return Check(
        "Printed counts give the printed shares",
        "review" if off else "pass",
        f"shares that differ: {off} of {len(shares)}",
    )
