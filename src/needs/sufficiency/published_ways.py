"""Every reading of what a document prints of new homes, and which give its saving.

The document prints a range of savings a year, the occupancy it rests on, and what each kind of home
costs and saves a week. It does not print which placements how many of the children would leave. All
ways to part the children of each kind among the printed alternatives are tried.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.published_figures import cell, combined, own, source_of, words_for
from needs.sufficiency.published_homes import WEEKS, WORDS, Printed, parted, tenths
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Check, Layout, Measure, Result, Sentence
from needs.vocabulary.units import printed as in_print

__all__ = ["homes_ways"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
WAYS = "published_invest_ways"
_MEASURES = (
    Measure("ways_n", "Ways", "count"),
    Measure("least_gbp_m", "Least that they give", "gbp_m"),
    Measure("most_gbp_m", "Most that they give", "gbp_m"),
    Measure("low_ways_n", "Ways that give the lower end", "count"),
    Measure("high_ways_n", "Ways that give the higher end", "count"),
    Measure("high_bare_n", "Fewest children from unregistered arrangements there", "count"),
    Measure("printed_gbp_m", "Printed", "gbp_m"),
    Measure("children_n", "Children", "children_mean"),
)
OCCUPANCY = (0.5, 1.0)
"""Shares of beds taken that are tried beside the printed one; ours."""


def _worth(printed: Printed, share: float) -> Iterator[tuple[str, Floats, Ints]]:
    """Yield homes counted, pounds a week of each way, and children of unregistered arrangements."""
    found: list[tuple[str, Floats, Ints]] = []
    for kind, saved in printed.saved.items():
        ways = parted(len(saved), round(printed.beds[kind] * share))
        bare = np.array([name.startswith("unregistered") for name in saved], dtype=np.int64)
        found.append((kind, ways @ np.array(list(saved.values())), ways @ bare))
    (_, solo, few), (_, special, many) = found
    yield "both", np.add.outer(solo, special).ravel(), np.add.outer(few, many).ravel()
    yield from found


def _counted(printed: Printed) -> Iterator[dict[str, object]]:
    """Yield, by homes counted and beds taken, how many ways there are and what they give."""
    for share in sorted({printed.occupancy, *OCCUPANCY}):
        for homes, week, bare in _worth(printed, share):
            year = np.concatenate([week * w for w in WEEKS.values()]) / 1e6
            few = np.tile(bare, len(WEEKS))
            at = {e: tenths(year) == getattr(printed, e) for e in ("low", "high")}
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
    taken = {f"taken_{100 * s:.0f}": f"{in_print(100 * s, 'percent')} of beds taken" for s in
             sorted({printed.occupancy, *OCCUPANCY})}  # fmt: skip
    return Result(
        name=WAYS,
        title="Which readings give the printed saving",
        subtitle=f"Ways to part the children among placements that they would leave, "
        f"{data.study.authority.short_name}",
        table=combined(table, ends, beds),
        measures=_MEASURES,
        labels=words_for(data, ["low", "high"])
        | WORDS
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
            "Of {n} ways to read it for all the homes at the printed occupancy, {low} give the "
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
