"""What a document prints of new homes: costs, savings a week, beds, and the range of the saving."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations_with_replacement

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.published_figures import own, select
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData

__all__ = ["LOST", "WEEKS", "WORDS", "Printed", "parted", "tenths"]

WEEKS = {"weeks_52": 52.0, "weeks_days": 365 / 7}
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
WORDS = {
    "solo": "Solo homes",
    "specialist": "Autism and behaviour homes",
    "both": "All the homes",
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


def parted(alternatives: int, children: int) -> npt.NDArray[np.int64]:
    """Return every way to part children among alternatives, shape (ways, alternatives).

    Examples
    --------
    >>> parted(2, 2).tolist()
    [[2, 0], [1, 1], [0, 2]]
    """
    chosen = list(combinations_with_replacement(range(alternatives), children))
    ways = np.array(chosen, dtype=np.int64).reshape(len(chosen), children)
    return np.stack([(ways == k).sum(axis=1) for k in range(alternatives)], axis=1)


def tenths(millions: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Return numbers rounded half up to one place, as the document prints them."""
    rounded: npt.NDArray[np.float64] = np.floor(np.round(10 * millions, 8) + 0.5) / 10
    return rounded
