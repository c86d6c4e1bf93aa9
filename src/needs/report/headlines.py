"""The front of a report: the few figures that a director asks for, taken from its chapters.

Nothing is counted here. Every number is a released figure of a chapter, printed as the
chapter prints it and tied to it by its id; every sentence is one of a chapter's own.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from needs.assurance.release import WITHHELD
from needs.report.blocks import Chapter
from needs.report.fold import absent_inputs
from needs.vocabulary.released import ReleasedResult, ReleasedRow, Span
from needs.vocabulary.units import MARKERS

__all__ = ["Headlines", "Item", "Part", "Tile", "headlines", "period_words", "scopes"]


@dataclass(frozen=True, slots=True)
class Tile:
    """One figure set large: its words, day or year, the one before it, and where it stands."""

    figure: ReleasedRow
    words: str
    period: str
    before: ReleasedRow | None
    before_words: str
    place: str

    @property
    def withheld(self) -> str:
        """What the letter means that stands in the figure's place, or ``""``."""
        return "" if self.figure.value else MARKERS.get(self.figure.marker, "")


@dataclass(frozen=True, slots=True)
class Part:
    """One line of a mix: a group, its count, and its share of all."""

    words: str
    count: ReleasedRow
    share: ReleasedRow | None


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence of a chapter under a heading of the front."""

    heading: str
    sentence: tuple[Span, ...]
    place: str


@dataclass(frozen=True)
class Headlines:
    """What the front of a report says.

    Parameters
    ----------
    tiles : tuple of Tile
        Figures set large.
    mix, mix_title, mix_place : tuple of Part, str, str
        The last day of the main chart of the placement mix.
    items : mapping of str to tuple of Item
        Heading -> sentences under it.
    missing : tuple of str
        Words for the inputs that chapters lack.
    missing_items : tuple of Item
        What chapters say of inputs without files.
    """

    tiles: tuple[Tile, ...] = ()
    mix: tuple[Part, ...] = ()
    mix_title: str = ""
    mix_place: str = ""
    items: Mapping[str, tuple[Item, ...]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    missing_items: tuple[Item, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.tiles or self.mix or self.items)


# Result, measure, group; words, after which stands day or year. Of a line, the first that a
# report has is set.
TILES: tuple[tuple[tuple[str, str, str, str], ...], ...] = (
    (
        ("cla_stock", "children_n", "all", "{label} on"),
        ("published_stock", "children_n", "*line", "{label}, as printed for"),
    ),
    (("cla_flows", "started_n", "all", "started to be looked after in"),),
    (("cla_flows", "ceased_n", "all", "ceased to be looked after in"),),
    (("cla_uasc_stock", "children_n", "uasc", "unaccompanied children on"),),
)
MIXES = (("cla_placement_mix", "mix"), ("published_mix", "stack"))
DEMAND, COSTS = "Demand ahead", "What placements cost"
PLACES = "Whether places suffice"
QUALITY, PRINTED = "What the figures rest on", "What documents print"
MISSING = "What is missing"
# Heading, result, and which of its sentences.
SENTENCES: tuple[tuple[str, str, tuple[int, ...]], ...] = (
    (DEMAND, "ahead_total", (0, 1)),
    (DEMAND, "published_demand_outcomes", (0,)),
    (PLACES, "capacity_gap", (0,)),
    (COSTS, "cost_units", (0,)),
    (COSTS, "budget_ahead", (0,)),
    (PRINTED, "published_stock", (0, 1)),
    (PRINTED, "published_mix", (0,)),
    (QUALITY, "returns_read", (0,)),
    (QUALITY, "by_rule", (0,)),
    (QUALITY, "published_arithmetic", (0,)),
    (MISSING, "other_inputs", (0,)),
)


def headlines(chapters: Sequence[Chapter], label: str, places: Mapping[str, str]) -> Headlines:
    """Choose what the front of a report says.

    Parameters
    ----------
    chapters : sequence of Chapter
        Executed and checked.
    label : str
        The authority's own words for the children it looks after.
    places : mapping of str to str
        Name of a result -> id of where it stands on the page.

    Returns
    -------
    Headlines
        False where the chapters hold none of it.
    """
    results = {r.name: r for c in chapters for r in c.results if r.kind == "result"}
    mix_name, parts = _mix(results)
    items: dict[str, tuple[Item, ...]] = {}
    for heading, name, which in SENTENCES:
        if name in results:
            said = _said(results[name], which)
            found = tuple(Item(heading, line, places.get(name, "")) for line in said)
            items[heading] = (*items.get(heading, ()), *found)
    lacking = items.pop(MISSING, ())
    missing = absent_inputs([r for c in chapters for r in c.results])
    return Headlines(
        tuple(_tiles(results, label, places)),
        parts,
        results[mix_name].title if parts else "",
        places.get(mix_name, ""),
        {k: v for k, v in items.items() if v},
        tuple(missing.values()),
        lacking,
    )


def scopes(chapters: Sequence[Chapter], otherwise: str) -> tuple[str, ...]:
    """Return who is counted in the results of a report, without repeats, in order.

    Parameters
    ----------
    chapters : sequence of Chapter
        Executed and checked.
    otherwise : str
        What is said of a report without results.
    """
    found = (r.scope for c in chapters for r in c.results if r.scope)
    return tuple(dict.fromkeys(found)) or (otherwise,)


def _said(result: ReleasedResult, which: Sequence[int]) -> Iterator[tuple[Span, ...]]:
    """Yield sentences of a result, but for those that disclosure control left out."""
    for k in which:
        if k < len(result.sentences) and result.sentences[k] != (Span(WITHHELD),):
            yield result.sentences[k]


def _tiles(
    results: Mapping[str, ReleasedResult], label: str, places: Mapping[str, str]
) -> Iterator[Tile]:
    for line in TILES:
        for name, measure, group, words in line:
            series = _series(results.get(name), measure, group)
            if not series:
                continue
            last, before = series[-1], series[-2] if len(series) > 1 else None
            filled, period = words.format(label=label), period_words(last.period)
            said = f"in {period_words(before.period)}" if before and before.value else ""
            if before and len(before.period) > len("2022-23"):
                said = said.replace("in ", "on ", 1)
            yield Tile(last, filled, period, before if said else None, said, places.get(name, ""))
            break


def _series(result: ReleasedResult | None, measure: str, group: str) -> list[ReleasedRow]:
    """Return the rows of one series in the order of time; ``*KEY`` is what that chart draws."""
    if result is None:
        return []
    if group.startswith("*"):
        chart = next((c for c in result.charts if c.key == group[1:]), None)
        drawn = {i for line in chart.table.ids for i in line} if chart else set()
        found = [r for r in result.rows if r.id in drawn and r.measure == measure]
    else:
        found = [r for r in result.rows if (r.measure, r.group, r.by) == (measure, group, "")]
    return sorted(found, key=lambda r: r.period)


def _mix(results: Mapping[str, ReleasedResult]) -> tuple[str, tuple[Part, ...]]:
    """Return the result that has the mix, and its groups on the last day drawn."""
    for name, key in MIXES:
        result = results.get(name)
        chart = next((c for c in result.charts if c.key == key), None) if result else None
        if result is None or chart is None or not chart.table.ids:
            continue
        rows = {r.id: r for r in result.rows}
        shares = {(r.group, r.period): r for r in result.rows if r.measure == "share_pct"}
        last = [rows.get(i) for i in chart.table.ids[-1]]
        return name, tuple(
            Part(words, row, shares.get((row.group, row.period)))
            for words, row in zip(chart.table.headers, last, strict=True)
            if row is not None
        )
    return "", ()


def period_words(key: str) -> str:
    """Return a period as words: a day in full, a month, else as it is.

    Examples
    --------
    >>> period_words("2023-03-31"), period_words("2023-03"), period_words("2022-23")
    ('31 March 2023', 'March 2023', '2022-23')
    """
    try:
        day = dt.date.fromisoformat(key if key.count("-") == 2 else f"{key}-01")
    except ValueError:
        return key
    if key.count("-") == 2:
        return f"{day.day} {day:%B %Y}"
    return f"{day:%B %Y}"
