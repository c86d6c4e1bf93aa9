"""Work on the edge of care, and care leavers, as documents print them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import pandas as pd

from needs.care.published_figures import cell, figures, own, source_of, title_of, words_for
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Layout, Measure, Result, Sentence, long_table

__all__ = ["care_leavers", "edge_of_care"]

EDGE, LEAVERS = "published_edge_of_care", "published_care_leavers"


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: its key and words, and the printed figure it shows.

    Parameters
    ----------
    key, words : str
        Of the line.
    unit : str
        Key of the measure that says what the number counts.
    printed : tuple of (str, str, str)
        ``measure``, ``group`` and ``by`` of the figure as typed.
    """

    key: str
    words: str
    unit: str
    printed: tuple[str, str, str]


_UNITS = (
    Measure("requests_n", "Requests", "requests"),
    Measure("children_n", "Children", "children"),
    Measure("families_n", "Families", "families"),
    Measure("cases_n", "Cases", "cases"),
    Measure("people_n", "Young people", "people"),
    Measure("nights_n", "Nights", "nights"),
    Measure("days_fall", "Fewer days than the year before", "days"),
    Measure("share_pct", "Share", "percent2"),
    Measure("growth_pct", "Growth", "percent2"),
)


def _child(group: str, words: str) -> Line:
    key = f"homeless_{group}"
    return Line(key, f"Homeless at 16 or 17: {words}", "children_n", ("children_n", key, ""))


_EDGE_LINES = (
    Line("asked", "Placement duty: asked", "requests_n", ("referrals_n", "all", "")),
    Line("placed", "Placement duty: placed", "requests_n", ("referrals_n", "placed", "")),
    Line("avoided", "Placement duty: avoided", "requests_n", ("referrals_n", "avoided", "")),
    Line(
        "residential",
        "Placement duty: placed in residential care",
        "requests_n",
        ("referrals_n", "residential", ""),
    ),
    Line(
        "residential_new",
        "Placement duty: new residential placements",
        "requests_n",
        ("referrals_n", "residential_new", ""),
    ),
    Line(
        "re_referred",
        "Placement duty: re-referrals",
        "share_pct",
        ("referrals_pct", "re_referral", ""),
    ),
    Line(
        "same_day",
        "Placement duty: placements that were same-day emergencies",
        "share_pct",
        ("referrals_pct", "same_day_emergency", ""),
    ),
    Line(
        "family_support",
        "Intensive family support",
        "families_n",
        ("families_n", "intensive_support", ""),
    ),
    Line(
        "placement_support",
        "Family and placement support",
        "cases_n",
        ("cases_n", "family_and_placement_support", ""),
    ),
    Line(
        "conference",
        "Family group conferences to find another way than care",
        "cases_n",
        ("cases_n", "family_group_conference", ""),
    ),
    Line(
        "stayed",
        "Stayed with the wider family after a conference",
        "children_n",
        ("children_n", "stayed_with_family", ""),
    ),
    _child("seen", "seen"),
    _child("assessment", "in need of a housing assessment"),
    _child("returned_home", "returned home within two weeks"),
    _child("taken_in", "accommodated, of those seen"),
    _child("accommodated", "accommodated in the financial year"),
    _child("section_17", "helped under section 17"),
    _child("expected", "expected to be accommodated"),
    Line("nights", "Bed and breakfast", "nights_n", ("bed_nights", "bed_and_breakfast", "")),
    Line("proceedings", "Court proceedings", "growth_pct", ("growth_pct", "court_proceedings", "")),
    Line(
        "assessment_days",
        "Residential parenting assessments",
        "days_fall",
        ("care_days_fall", "parenting_assessment", ""),
    ),
    Line(
        "assessment_spend",
        "Spending on residential parenting assessments",
        "growth_pct",
        ("spend_growth_pct", "parenting_assessment", ""),
    ),
)


def _leaver(group: str, words: str) -> Line:
    key = f"care_leavers_{group}" if group else "care_leavers"
    return Line(key, words, "people_n", ("people_n", key, ""))


_LEAVER_LINES = (
    _leaver("", "Care leavers"),
    _leaver("uasc", "Care leavers who came as unaccompanied children"),
    _leaver("eligible", "Eligible"),
    _leaver("relevant", "Relevant"),
    _leaver("former_relevant", "Former relevant"),
    _leaver("former_relevant_uasc", "Former relevant who came as unaccompanied children"),
    _leaver("section_24", "Qualifying for advice and assistance (section 24)"),
    _leaver("homeless", "Care leavers who were homeless by law"),
    Line("in_touch", "In touch", "share_pct", ("care_leavers_in_touch_pct", "all", "")),
    Line(
        "suitable_low",
        "In suitable housing, lower end",
        "share_pct",
        ("care_leavers_suitable_housing_pct", "all", "low"),
    ),
    Line(
        "suitable_high",
        "In suitable housing, upper end",
        "share_pct",
        ("care_leavers_suitable_housing_pct", "all", "high"),
    ),
)


def _found(data: StudyData, lines: Sequence[Line]) -> pd.DataFrame:
    """Return the figures of the lines, with ``line`` and ``unit``; each number of a year once.

    Raises
    ------
    InputMissing
        If the study has typed none of them.
    """
    rows = figures(data)
    rows = rows[rows["area"] == own(data)]
    name = list(zip(rows["measure"], rows["group"], rows["by"], strict=True))
    line = {x.printed: x for x in lines}
    rows = rows.assign(
        line=[line[n].key if n in line else "" for n in name],
        of=[line[n].unit if n in line else "" for n in name],
    )
    rows = rows[rows["line"] != ""].sort_values("document", kind="stable")
    if rows.empty:
        raise InputMissing("published")
    kept: pd.DataFrame = rows.drop_duplicates(["line", "period", "value"], ignore_index=True)
    return kept.drop_duplicates(["line", "period", "document"], keep="last", ignore_index=True)


def _table(rows: pd.DataFrame) -> pd.DataFrame:
    twice = rows.duplicated(["line", "period"], keep=False)
    by = ("d" + rows["document"]).where(twice, "")
    made = rows.assign(group=rows["line"], measure=rows["of"], by=by)
    return long_table(made[["area", "period", "measure", "group", "by", "value"]])


def _as_printed(data: StudyData, kind: Kind) -> Result:
    rows = _found(data, kind.lines)
    table = _table(rows)
    there = set(table["measure"])
    documents = sorted(set(rows["document"]))
    several = ("by",) if (table["by"] != "").any() else ()
    return Result(
        name=kind.name,
        title=kind.title,
        subtitle=f"{data.study.authority.short_name}, as printed",
        table=table,
        measures=tuple(m for m in _UNITS if m.key in there),
        labels={
            **{x.key: x.words for x in kind.lines},
            **words_for(data),
            **{f"d{d}": title_of(data, d) for d in documents},
            "": "",
            "by": "Document",
            "group": "Line",
            "measure": "Counted in",
        },
        source=source_of(data, rows),
        layout=Layout(("group", "measure", "period", *several), ()),
        row_notes={"Place": _places(data, rows), "As the document has it": _said_of(rows)},
        text=tuple(kind.said(table, rows)),
        notes=kind.notes,
        published=True,
    )


def _places(data: StudyData, rows: pd.DataFrame) -> dict[str, str]:
    """Return where the figures of each line stand: the document too, where there are several."""
    out: dict[str, list[str]] = {}
    for line, mine in rows.groupby("line"):
        several = len(set(mine["document"])) > 1
        for document, place in zip(mine["document"], mine["place"], strict=True):
            where = f"{title_of(data, document)}, {place}" if several else place
            out.setdefault(str(line), []).append(where)
    return {line: "; ".join(dict.fromkeys(places)) for line, places in out.items()}


def _said_of(rows: pd.DataFrame) -> dict[str, str]:
    """Return what was typed beside the figures of each line, with the year where it has several."""
    noted = rows[rows["note"].notna() & (rows["note"] != "")]
    several = rows["line"].value_counts()
    out: dict[str, list[str]] = {}
    for line, period, note in zip(noted["line"], noted["period"], noted["note"], strict=True):
        out.setdefault(line, []).append(f"{period}: {note}" if several[line] > 1 else note)
    return {line: "; ".join(dict.fromkeys(notes)) for line, notes in out.items()}


def _latest(table: pd.DataFrame, line: str) -> pd.DataFrame:
    return table[table["group"] == line].sort_values(["period", "by"], kind="stable")


def _edge_said(table: pd.DataFrame, _: pd.DataFrame) -> Iterator[Sentence]:
    ends = {k: _latest(table, k).tail(1) for k in ("asked", "placed", "avoided")}
    if all(len(e) for e in ends.values()):
        yield Sentence(
            "Of {asked} requests for placements in {period}, {placed} were met with one and "
            "{avoided} avoided.",
            {k: cell(EDGE, e.iloc[0]) for k, e in ends.items()},
            {"period": str(ends["asked"]["period"].iloc[0])},
        )
    for line, words in (
        ("same_day", "Same-day emergencies went from {first} of placements to {last}"),
        ("nights", "Nights in bed and breakfast went from {first} to {last}"),
    ):
        rows = _latest(table, line)
        if len(set(rows["period"])) > 1:
            first, last = rows.iloc[0], rows.iloc[-1]
            yield Sentence(
                f"{words} ({{first_at}}, {{last_at}}).",
                {"first": cell(EDGE, first), "last": cell(EDGE, last)},
                {"first_at": str(first["period"]), "last_at": str(last["period"])},
            )


def _leavers_said(table: pd.DataFrame, rows: pd.DataFrame) -> Iterator[Sentence]:
    whole = _latest(table, "care_leavers").sort_values("value", kind="stable")
    documents = set(rows.loc[rows["line"] == "care_leavers", "document"])
    if len(set(whole["value"])) > 1 and len(documents) > 1:
        refs = {"low": cell(LEAVERS, whole.iloc[0]), "high": cell(LEAVERS, whole.iloc[-1])}
        said = "All care leavers are printed as {low} in one document and {high} in another."
        yield Sentence(said, refs)


@dataclass(frozen=True, slots=True)
class Kind:
    """One table of the services: its lines, what it is called, what is said of it.

    Parameters
    ----------
    name, title : str
        Of the result.
    lines : tuple of Line
    said : callable
        Returns the sentences, given the table and the rows that it is made from.
    notes : tuple of str
    """

    name: str
    title: str
    lines: tuple[Line, ...]
    said: Callable[[pd.DataFrame, pd.DataFrame], Iterator[Sentence]]
    notes: tuple[str, ...]


_EDGE = Kind(
    EDGE,
    "On the edge of care, as printed",
    _EDGE_LINES,
    _edge_said,
    (
        "Requests, children, families, cases and nights are different things: each line says "
        "which, and none is added to another.",
        "A document may give a part of a year, or a number of one section that another "
        "section does not bear out: the audit of published figures says where.",
    ),
)
_LEAVERS = Kind(
    LEAVERS,
    "Care leavers, as printed",
    _LEAVER_LINES,
    _leavers_said,
    (
        "One document counts everybody entitled, eligible children included, who are still "
        "looked after; another may count only those who have left.",
    ),
)


def edge_of_care(data: StudyData) -> Result:
    """Return work on the edge of care as documents print it, each line in its own unit.

    Raises
    ------
    InputMissing
        If the study has typed no such figure.
    """
    return _as_printed(data, _EDGE)


def care_leavers(data: StudyData) -> Result:
    """Return care leavers as documents print them: entitlement, contact, housing.

    Raises
    ------
    InputMissing
        If the study has typed no such figure.
    """
    return _as_printed(data, _LEAVERS)
