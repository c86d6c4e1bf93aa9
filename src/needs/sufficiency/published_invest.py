"""The printed saving of the new homes, worked out again under every reading of the document.

The document prints a range of savings a year, the occupancy it rests on, and what each kind of home
costs and saves a week. It does not print which placements how many of the children would leave. All
ways to part the children of each kind among the printed alternatives are tried.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.published_figures import cell, combined, own, select, source_of, words_for
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Check, Layout, Measure, Result, Sentence

__all__ = ["homes_range", "homes_ways"]

Floats = npt.NDArray[np.float64]
GRID, WAYS = "published_invest", "published_invest_ways"
WEEKS = {"weeks_52": 52.0, "weeks_days": 365 / 7}
OCCUPANCY = (0.5, 1.0)
"""Shares of beds taken that are tried beside the printed one; ours."""
LOST = "not_counted"
_MEASURES = (
    "saving_gbp_m_year",
    "occupancy_pct",
    "unit_cost_gbp_week",
    "saving_gbp_week",
    "saving_gbp_k_week",
    "cost_gbp_k_week",
    "beds_each_n",
    "homes_n",
)
_WORDS = {
    "solo": "Solo homes",
    "specialist": "Autism and behaviour homes",
    "both": "All four homes",
    "external_low": "External specialist home, lower price",
    "external_high": "External specialist home, higher price",
    "external_said": "External placement, saving as printed",
    "unregistered_low": "Unregistered arrangement, lower saving printed",
    "unregistered_costs": "Unregistered arrangement, by the printed costs",
    "unregistered_high": "Unregistered arrangement, higher saving printed",
    LOST: "Not counted",
}


@dataclass(frozen=True)
class Printed:
    """What the document prints of the new homes.

    Parameters
    ----------
    rows : pandas.DataFrame
        The figures.
    low, high : float
        Ends of the printed saving, million pounds a year.
    occupancy : float
        Share of beds taken that it rests on.
    beds : mapping of str to int
        Beds of the solo and of the specialist homes.
    saved : mapping of str to mapping of str to float
        Kind of home -> what a child would leave -> pounds saved a week.
    external_week : float
        Price a week that the printed saving against an external placement implies.
    """

    rows: pd.DataFrame
    low: float
    high: float
    occupancy: float
    beds: dict[str, int]
    saved: dict[str, dict[str, float]]
    external_week: float

    @classmethod
    def of(cls, data: StudyData) -> Printed:
        """Return what a study has typed of it.

        Raises
        ------
        InputMissing
            If any of it is not typed.
        """
        rows = select(data, _MEASURES, area=own(data))
        keys = ["measure", "group", "by"]
        rows = rows.sort_values("document", kind="stable").drop_duplicates(keys)
        known = rows.set_index(keys)["value"]

        def value(measure: str, group: str, by: str = "") -> float:
            if (measure, group, by) not in known.index:
                raise InputMissing("published")
            return float(known[measure, group, by])

        week, each, homes = "unit_cost_gbp_week", "beds_each_n", "homes_n"
        solo, special = value(week, "new_solo_home"), value(week, "new_specialist_home")
        bare = 1000 * value("cost_gbp_k_week", "unregistered", "mean")
        outside = {f"external_{e}": value(week, "external_specialist", e) for e in ("low", "high")}
        said = value("saving_gbp_week", "new_solo_home", "against_external")
        unregistered = {
            f"unregistered_{e}": 1000
            * value("saving_gbp_k_week", "new_solo_home", f"against_unregistered_{e}")
            for e in ("low", "high")
        }
        kinds = {"solo": ("new_solo",), "specialist": ("new_autism", "new_behaviour")}
        return cls(
            rows[rows.set_index(keys).index.isin(_used(known.index))],
            value("saving_gbp_m_year", "new_homes", "low"),
            value("saving_gbp_m_year", "new_homes", "high"),
            value("occupancy_pct", "new_homes") / 100,
            {k: int(sum(value(each, g) * value(homes, g) for g in gs)) for k, gs in kinds.items()},
            {
                "solo": {
                    **{k: v - solo for k, v in outside.items()},
                    "external_said": said,
                    **unregistered,
                    "unregistered_costs": bare - solo,
                },
                "specialist": {
                    **{k: v - special for k, v in outside.items()},
                    "external_said": value("saving_gbp_week", "new_specialist_home", "up_to"),
                    "unregistered_costs": bare - special,
                },
            },
            solo + said,
        )


def _used(index: pd.Index) -> list[tuple[str, str, str]]:
    """Return the keys of the figures that it rests on, of those typed."""
    groups = {
        "new_homes", "new_solo_home", "new_specialist_home", "external_specialist",
        "new_solo", "new_autism", "new_behaviour",
    }  # fmt: skip
    return [k for k in index if k[1] in groups or k == ("cost_gbp_k_week", "unregistered", "mean")]


def _parted(saved: dict[str, float], children: int) -> tuple[Floats, npt.NDArray[np.int64]]:
    """Return pounds a week of every way to part children among what they would leave.

    Beside it, how many of them leave an unregistered arrangement.
    """
    names, worth = list(saved), np.array(list(saved.values()))
    ways = np.array(list(combinations_with_replacement(range(len(names)), children)), dtype=int)
    bare = np.array([name.startswith("unregistered") for name in names])
    ways = ways.reshape(-1, children)
    return worth[ways].sum(axis=1), bare[ways].sum(axis=1)


def _counted(printed: Printed) -> Iterator[dict[str, object]]:
    """Yield, by homes counted and beds taken, how many ways there are and what they give."""
    for share in sorted({printed.occupancy, *OCCUPANCY}):
        parts = {
            kind: _parted(saved, round(printed.beds[kind] * share))
            for kind, saved in printed.saved.items()
        }
        solo, special = parts["solo"], parts["specialist"]
        both = tuple(np.add.outer(a, b).ravel() for a, b in zip(solo, special, strict=True))
        for homes, (week, bare) in {"both": both, **parts}.items():
            year = np.concatenate([week * w for w in WEEKS.values()]) / 1e6
            few = np.tile(bare, len(WEEKS))
            at = {e: np.round(year, 9).round(1) == getattr(printed, e) for e in ("low", "high")}
            yield {
                "group": homes,
                "by": f"taken_{100 * share:.0f}",
                "ways_n": len(year),
                "least_gbp_m": year.min(),
                "most_gbp_m": year.max(),
                "low_ways_n": at["low"].sum(),
                "high_ways_n": at["high"].sum(),
                "high_bare_n": few[at["high"]].min() if at["high"].any() else np.nan,
            }


def homes_range(data: StudyData) -> Result:
    """Return the yearly saving where all children of a kind of home leave the same placement.

    Parameters
    ----------
    data : StudyData
        Its published figures.

    Returns
    -------
    Result
        ``published_invest``: by what children in solo homes would leave (``group``) and what those
        in the specialist homes would (``by``), million pounds a year at the printed occupancy.

    Raises
    ------
    InputMissing
        If the study has not typed what the document prints of the homes.
    """
    printed, area = Printed.of(data), own(data)
    weeks = WEEKS["weeks_52"]
    cells = [
        {
            "group": a,
            "by": b,
            "value": weeks
            * printed.occupancy
            * (printed.beds["solo"] * x + printed.beds["specialist"] * y)
            / 1e6,
        }
        for a, x in (*printed.saved["solo"].items(), (LOST, 0.0))
        for b, y in (*printed.saved["specialist"].items(), (LOST, 0.0))
        if (a, b) != (LOST, LOST)
    ]
    frame = pd.DataFrame(cells).assign(measure="saving_gbp_m_year", area=area)
    facts = pd.DataFrame(
        {
            "measure": ["printed_gbp_m", "printed_gbp_m", "implied_gbp_week", "taken_pct"],
            "by": ["low", "high", "", ""],
            "value": [printed.low, printed.high, printed.external_week, 100 * printed.occupancy],
        }
    ).assign(area=area)
    said = [
        _as_said(GRID, area, "external_said", "external_said"),
        _as_said(GRID, area, "unregistered_high", "external_said"),
        _as_said(GRID, area, LOST, "external_said"),
    ]
    part = frame[(frame["group"] == LOST) & (frame["by"] == "external_said")]["value"].item()
    alone = round(part, 1) == printed.low
    ends = {e: cell(GRID, measure="printed_gbp_m", by=e, area=area) for e in ("low", "high")}
    return Result(
        name=GRID,
        title="The printed saving of the new homes, worked out again",
        subtitle=f"Million pounds a year at the printed occupancy, "
        f"{data.study.authority.short_name}",
        table=combined(frame, facts),
        measures=(
            Measure("saving_gbp_m_year", "Saved a year", "gbp_m"),
            Measure("printed_gbp_m", "Printed", "gbp_m"),
            Measure("implied_gbp_week", "Price that a printed saving implies", "gbp_week"),
            Measure("taken_pct", "Beds taken", "percent"),
        ),
        labels=words_for(data, ["low", "high"])
        | _WORDS
        | {"group": "Children in solo homes would be in", "": "", ALL: ""},
        source=source_of(data, printed.rows),
        layout=Layout(("group",), ("by",), ("saving_gbp_m_year",)),
        text=(
            Sentence(
                "The document prints a saving of {low} to {high} a year at {taken} of beds taken.",
                {**ends, "taken": cell(GRID, measure="taken_pct", area=area)},
            ),
            Sentence(
                "The savings a week that it prints give {least} to {most} for all four homes, and "
                "{part} for the autism and behaviour homes alone"
                + (": the lower end, with nothing for the solo homes." if alone else "."),
                {"least": said[0], "most": said[1], "part": said[2]},
            ),
            Sentence(
                "The saving that it prints for a solo home against an external placement takes "
                "that to cost {week} a week, which it prints nowhere.",
                {"week": cell(GRID, measure="implied_gbp_week", area=area)},
            ),
        ),
        notes=(
            "Columns are what children in the autism and behaviour homes would be in. All children "
            "of a kind of home are taken to leave the same; a year is of 52 weeks.",
            "A week saves what is printed, or the printed price less the printed cost of the home.",
        ),
        published=True,
    )


def _as_said(name: str, area: str, group: str, by: str) -> str:
    return cell(name, measure="saving_gbp_m_year", group=group, by=by, area=area)


def homes_ways(data: StudyData) -> Result:
    """Return how many ways to read the document give each end of the printed saving.

    Returns
    -------
    Result
        ``published_invest_ways``: by homes counted (``group``) and beds taken (``by``): ways to
        part the children among what they would leave, in years of 52 weeks and of 365 days; the
        least and the most that they give; how many round to the printed ends; and the fewest
        children from unregistered arrangements in a way that gives the higher.

    Raises
    ------
    InputMissing
        As :func:`homes_range`.
    """
    printed, area = Printed.of(data), own(data)
    wide = pd.DataFrame(list(_counted(printed))).assign(area=area)
    table = wide.melt(["group", "by", "area"], var_name="measure").astype({"value": float})
    here = f"taken_{100 * printed.occupancy:.0f}"
    ends = pd.DataFrame(
        {
            "measure": ["printed_gbp_m", "printed_gbp_m"],
            "by": ["low", "high"],
            "value": [printed.low, printed.high],
            "area": area,
        }
    )
    beds = pd.DataFrame(
        [{"measure": "children_n", "value": sum(printed.beds.values()) * printed.occupancy},
         {"measure": "children_n", "group": "solo",
          "value": printed.beds["solo"] * printed.occupancy}]
    ).assign(area=area)  # fmt: skip
    at = wide[(wide["group"] == "both") & (wide["by"] == here)].iloc[0]
    taken = {f"taken_{100 * s:.0f}": f"{100 * s:.0f}% of beds taken" for s in
             sorted({printed.occupancy, *OCCUPANCY})}  # fmt: skip
    return Result(
        name=WAYS,
        title="Which readings give the printed saving",
        subtitle=f"Ways to part the children among placements that they would leave, "
        f"{data.study.authority.short_name}",
        table=combined(table, ends, beds),
        measures=(
            Measure("ways_n", "Ways", "count"),
            Measure("least_gbp_m", "Least that they give", "gbp_m"),
            Measure("most_gbp_m", "Most that they give", "gbp_m"),
            Measure("low_ways_n", "Ways that give the lower end", "count"),
            Measure("high_ways_n", "Ways that give the higher end", "count"),
            Measure("high_bare_n", "Fewest children from unregistered arrangements there", "count"),
            Measure("printed_gbp_m", "Printed", "gbp_m"),
            Measure("children_n", "Children", "children_mean"),
        ),
        labels=words_for(data, ["low", "high"])
        | _WORDS
        | taken
        | {"group": "Homes counted", "by": "Beds taken", "": "", ALL: ""},
        source=source_of(data, printed.rows),
        layout=Layout(
            ("group", "by"),
            ("measure",),
            ("ways_n", "least_gbp_m", "most_gbp_m", "low_ways_n", "high_ways_n", "high_bare_n"),
        ),
        text=_ways_said(at, area, here, printed.beds["solo"] * printed.occupancy),
        checks=(
            Check(
                "The printed saving follows from the printed costs and occupancy",
                "review",
                f"ways that give the lower end: {int(at['low_ways_n'])}, the higher: "
                f"{int(at['high_ways_n'])}, of {int(at['ways_n'])}",
            ),
        ),
        notes=(
            "A way says how many children of each kind of home would leave which printed "
            "alternative. It gives an end if it rounds to it. All are taken as equally good: their "
            "number says how much is left open, not how likely an end is.",
            "Shares of beds taken other than the printed one are ours. The cost of a home is taken "
            "off in all; money for homes that stand empty is not, since it is not printed.",
        ),
        published=True,
    )


def _ways_said(at: pd.Series, area: str, here: str, solo: float) -> tuple[Sentence, ...]:
    def ref(measure: str) -> str:
        return cell(WAYS, measure=measure, group="both", by=here, area=area)

    said = [
        Sentence(
            "Of {n} ways to read it for all four homes at the printed occupancy, {low} give the "
            "lower end and {high} the higher; they run from {least} to {most}.",
            {
                "n": ref("ways_n"),
                "low": ref("low_ways_n"),
                "high": ref("high_ways_n"),
                "least": ref("least_gbp_m"),
                "most": ref("most_gbp_m"),
            },
        )
    ]
    if not at["high_ways_n"]:
        said.append(Sentence("No way gives the higher end: it cannot be reconciled."))
    elif at["high_bare_n"] > solo:
        said.append(
            Sentence(
                "The higher end needs at least {few} of the {all} children to leave unregistered "
                "arrangements, more than the {solo} whom the solo homes hold: the other homes must "
                "take some of them.",
                {
                    "few": ref("high_bare_n"),
                    "all": cell(WAYS, measure="children_n", area=area),
                    "solo": cell(WAYS, measure="children_n", group="solo", area=area),
                },
            )
        )
    return tuple(said)
