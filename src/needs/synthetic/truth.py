"""The written truth of a synthetic authority: every rate its children live by.

Hazards are per year and multiplicative: base by placement x age band x duration band x
calendar year, constant within a cell (a piecewise-exponential model), so that anyone can
re-estimate them as events over time at risk.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import numpy as np

__all__ = [
    "AGE_EDGES",
    "CARE_EDGES",
    "MOVE_EDGES",
    "PLACES",
    "Truth",
    "authority",
    "growing",
    "shifting",
    "stationary",
]

PLACES = (
    "kinship",
    "in_house_foster",
    "ifa",
    "in_house_home",
    "external_home",
    "supported",
    "parents",
    "adoption",
    "residential_school",
    "other_residential",
    "unregistered",
)
AGE_EDGES = (0, 1, 5, 10, 16, 18)
"""Age bands in years: under 1, 1-4, 5-9, 10-15, 16-17 (DfE's, the last closed by 18)."""
CARE_EDGES = (0, 28, 91, 182, 365, 730)
"""Days since the start of the period of care at which the exit hazard steps."""
MOVE_EDGES = (0, 91, 365, 730)
"""Days since the start of the placement at which the move hazard steps."""

Rows = tuple[tuple[float, ...], ...]

# Rows: age bands; columns: PLACES.
_ENTRY_PLACE: Rows = (
    (0.18, 0.40, 0.24, 0.00, 0.00, 0.00, 0.06, 0.02, 0.00, 0.10, 0.00),
    (0.25, 0.33, 0.32, 0.00, 0.00, 0.00, 0.07, 0.00, 0.00, 0.03, 0.00),
    (0.23, 0.28, 0.39, 0.01, 0.03, 0.00, 0.06, 0.00, 0.00, 0.00, 0.00),
    (0.14, 0.20, 0.37, 0.04, 0.16, 0.00, 0.05, 0.00, 0.02, 0.01, 0.01),
    (0.08, 0.12, 0.23, 0.04, 0.17, 0.30, 0.03, 0.00, 0.01, 0.01, 0.01),
)
# Unaccompanied children: under 16, and 16 or over.
_ENTRY_PLACE_UASC: Rows = (
    (0.00, 0.22, 0.72, 0.00, 0.06, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00),
    (0.00, 0.06, 0.26, 0.00, 0.02, 0.66, 0.00, 0.00, 0.00, 0.00, 0.00),
)

# Rows: placement left; columns: placement entered. One table an age group.
_DESTINATION_YOUNG: Rows = (
    (0.25, 0.25, 0.20, 0.00, 0.01, 0.00, 0.19, 0.10, 0.00, 0.00, 0.00),
    (0.16, 0.22, 0.26, 0.00, 0.02, 0.00, 0.11, 0.23, 0.00, 0.00, 0.00),
    (0.15, 0.19, 0.27, 0.00, 0.04, 0.00, 0.13, 0.22, 0.00, 0.00, 0.00),
    (0.10, 0.15, 0.45, 0.00, 0.20, 0.00, 0.10, 0.00, 0.00, 0.00, 0.00),
    (0.05, 0.10, 0.45, 0.05, 0.25, 0.00, 0.07, 0.00, 0.03, 0.00, 0.00),
    (0.10, 0.30, 0.50, 0.00, 0.00, 0.00, 0.10, 0.00, 0.00, 0.00, 0.00),
    (0.25, 0.40, 0.35, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00),
    (0.05, 0.50, 0.45, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00),
    (0.05, 0.15, 0.40, 0.00, 0.35, 0.00, 0.05, 0.00, 0.00, 0.00, 0.00),
    (0.25, 0.35, 0.25, 0.00, 0.00, 0.00, 0.15, 0.00, 0.00, 0.00, 0.00),
    (0.00, 0.10, 0.40, 0.00, 0.45, 0.00, 0.05, 0.00, 0.00, 0.00, 0.00),
)
_DESTINATION_MIDDLE: Rows = (
    (0.17, 0.17, 0.34, 0.02, 0.14, 0.00, 0.14, 0.00, 0.01, 0.00, 0.01),
    (0.09, 0.22, 0.39, 0.03, 0.19, 0.00, 0.06, 0.00, 0.01, 0.00, 0.01),
    (0.09, 0.17, 0.37, 0.04, 0.22, 0.00, 0.08, 0.00, 0.01, 0.00, 0.02),
    (0.04, 0.08, 0.22, 0.10, 0.46, 0.00, 0.07, 0.00, 0.01, 0.00, 0.02),
    (0.03, 0.05, 0.20, 0.05, 0.54, 0.00, 0.06, 0.00, 0.03, 0.01, 0.03),
    (0.05, 0.15, 0.40, 0.05, 0.30, 0.00, 0.05, 0.00, 0.00, 0.00, 0.00),
    (0.15, 0.20, 0.36, 0.04, 0.24, 0.00, 0.00, 0.00, 0.00, 0.00, 0.01),
    (0.10, 0.40, 0.45, 0.00, 0.05, 0.00, 0.00, 0.00, 0.00, 0.00, 0.00),
    (0.04, 0.08, 0.25, 0.03, 0.55, 0.00, 0.05, 0.00, 0.00, 0.00, 0.00),
    (0.05, 0.10, 0.25, 0.05, 0.45, 0.00, 0.08, 0.00, 0.02, 0.00, 0.00),
    (0.01, 0.03, 0.16, 0.04, 0.70, 0.00, 0.04, 0.00, 0.02, 0.00, 0.00),
)
_DESTINATION_OLD: Rows = (
    (0.12, 0.13, 0.20, 0.02, 0.12, 0.34, 0.07, 0.00, 0.00, 0.00, 0.00),
    (0.05, 0.14, 0.22, 0.03, 0.12, 0.40, 0.03, 0.00, 0.00, 0.00, 0.01),
    (0.03, 0.07, 0.22, 0.03, 0.12, 0.49, 0.03, 0.00, 0.00, 0.00, 0.01),
    (0.03, 0.04, 0.08, 0.06, 0.25, 0.50, 0.03, 0.00, 0.00, 0.00, 0.01),
    (0.02, 0.02, 0.07, 0.03, 0.35, 0.45, 0.03, 0.00, 0.01, 0.00, 0.02),
    (0.02, 0.04, 0.08, 0.02, 0.07, 0.74, 0.02, 0.00, 0.00, 0.01, 0.00),
    (0.08, 0.08, 0.15, 0.03, 0.14, 0.51, 0.00, 0.00, 0.00, 0.00, 0.01),
    (0.10, 0.30, 0.30, 0.00, 0.05, 0.25, 0.00, 0.00, 0.00, 0.00, 0.00),
    (0.03, 0.05, 0.12, 0.02, 0.38, 0.35, 0.05, 0.00, 0.00, 0.00, 0.00),
    (0.03, 0.05, 0.12, 0.04, 0.24, 0.48, 0.04, 0.00, 0.00, 0.00, 0.00),
    (0.01, 0.02, 0.06, 0.03, 0.50, 0.36, 0.02, 0.00, 0.00, 0.00, 0.00),
)


@dataclass(frozen=True, slots=True)
class Truth:
    """Every rate of one synthetic authority.

    Parameters
    ----------
    entries_per_year : mapping of int to float
        Reporting year (calendar year in which it ends) -> expected children entering who
        are not UASC; years before the first take the first.
    uasc_per_year : mapping of int to float
        The same for unaccompanied asylum-seeking children.
    entry_age : tuple of float
        Probability of each band of :data:`AGE_EDGES` at entry; age is uniform in the band.
    uasc_age : tuple of float
        Probability of ages 14, 15, 16, 17 at entry of UASC.
    season : tuple of float
        Multiplier of entries by calendar month, January first; mean 1.
    sibling_sizes : tuple of float
        Probability that 1, 2, 3, 4 … children enter together.
    sibling_age_correlation : float
        Correlation of siblings' ages (Gaussian copula); each child's own age distribution
        stays ``entry_age``.
    male, male_uasc : float
        Share of boys.
    entry_place, entry_place_uasc : tables
        First placement by age band, and of UASC under 16 and over; columns :data:`PLACES`.
    exit_base, exit_age, exit_duration, exit_uasc : rates
        Exit hazard a year: base by placement x age band x band of :data:`CARE_EDGES` (x
        UASC). At 18 everyone leaves.
    move_base, move_age, move_duration : rates
        Hazard of a move a year: base by placement x age band x band of
        :data:`MOVE_EDGES` since the placement began.
    destination : tables
        Placement after a move, for ages under 10, 10 to 15, 16 and over.
    exit_year, move_year : mapping of int to float
        Multiplier of a reporting year; 1 where absent.
    return_share, return_years : float
        Share of children who left for home and come back if still under 18, and the mean
        years until they do (exponential).
    """

    entries_per_year: Mapping[int, float]
    uasc_per_year: Mapping[int, float]
    entry_age: tuple[float, ...] = (0.19, 0.18, 0.17, 0.33, 0.13)
    uasc_age: tuple[float, ...] = (0.04, 0.14, 0.40, 0.42)
    season: tuple[float, ...] = (1.0, 0.96, 1.1, 0.94, 0.98, 1.02, 1.06, 0.9, 1.0, 1.06, 1.04, 0.94)
    sibling_sizes: tuple[float, ...] = (0.72, 0.18, 0.07, 0.03)
    sibling_age_correlation: float = 0.5
    male: float = 0.53
    male_uasc: float = 0.9
    entry_place: Rows = _ENTRY_PLACE
    entry_place_uasc: Rows = _ENTRY_PLACE_UASC
    exit_base: tuple[float, ...] = (0.58, 0.5, 0.36, 0.45, 0.22, 0.36, 0.5, 0.95, 0.2, 1.3, 0.6)
    exit_age: tuple[float, ...] = (1.1, 1.25, 0.9, 0.6, 0.5)
    exit_duration: tuple[float, ...] = (2.2, 1.3, 0.9, 0.95, 1.0, 0.5)
    exit_uasc: float = 0.3
    move_base: tuple[float, ...] = (0.16, 0.42, 0.44, 0.8, 0.4, 0.4, 0.25, 0.05, 0.2, 1.5, 1.8)
    move_age: tuple[float, ...] = (0.95, 0.9, 0.8, 1.15, 1.3)
    move_duration: tuple[float, ...] = (2.2, 1.2, 0.7, 0.35)
    destination: tuple[Rows, Rows, Rows] = (
        _DESTINATION_YOUNG,
        _DESTINATION_MIDDLE,
        _DESTINATION_OLD,
    )
    exit_year: Mapping[int, float] = field(default_factory=dict)
    move_year: Mapping[int, float] = field(default_factory=dict)
    return_share: float = 0.12
    return_years: float = 1.2

    def __post_init__(self) -> None:
        rows = [self.entry_age, self.uasc_age, self.sibling_sizes, *self.entry_place_uasc]
        rows += [*self.entry_place, *(r for table in self.destination for r in table)]
        for row in rows:
            if not np.isclose(sum(row), 1):
                raise ValueError(f"probabilities sum to {sum(row):.4f}, not one: {row}")
        if not np.isclose(np.mean(self.season), 1):
            raise ValueError("the season's multipliers must have mean one")

    def entries(self, year: int, *, uasc: bool = False) -> float:
        """Return the expected children entering in a reporting year."""
        table = self.uasc_per_year if uasc else self.entries_per_year
        return table.get(year, table[min(table)] if year < min(table) else table[max(table)])

    def exit_hazard(self, place: Any, age: Any, care: Any, uasc: Any, year: int) -> Any:
        """Return exits a year for arrays of band indices (all of one shape)."""
        rate = np.take(self.exit_base, place) * np.take(self.exit_age, age)
        rate = rate * np.take(self.exit_duration, care) * self.exit_year.get(year, 1.0)
        return np.where(uasc, rate * self.exit_uasc, rate)

    def move_hazard(self, place: Any, age: Any, spell: Any, year: int) -> Any:
        """Return moves a year for arrays of band indices (all of one shape)."""
        rate = np.take(self.move_base, place) * np.take(self.move_age, age)
        return rate * np.take(self.move_duration, spell) * self.move_year.get(year, 1.0)

    def to_json(self) -> str:
        """Return the truth as JSON, keys sorted."""
        words = {"places": PLACES, "age_edges_years": AGE_EDGES}
        words |= {"care_edges_days": CARE_EDGES, "move_edges_days": MOVE_EDGES}
        return json.dumps({**words, **asdict(self)}, indent=1, sort_keys=True) + "\n"


def stationary(entries: float = 330.0, uasc: float = 30.0) -> Truth:
    """Return an authority whose rates never change."""
    return Truth({2000: entries}, {2000: uasc})


def growing(entries: float = 330.0, uasc: float = 30.0, growth: float = 0.04) -> Truth:
    """Return an authority whose entries grow by a fixed share each year from 2010."""
    years = range(2010, 2041)
    return Truth(
        {y: entries * (1 + growth) ** (y - 2010) for y in years},
        {y: uasc * (1 + growth) ** (y - 2010) for y in years},
    )


def shifting(entries: float = 330.0, uasc: float = 30.0, year: int = 2019) -> Truth:
    """Return an authority in which fewer leave, and more UASC come, from one year on."""
    base = stationary(entries, uasc)
    return replace(
        base,
        uasc_per_year={y: uasc * (2.0 if y >= year else 1.0) for y in range(2000, 2041)},
        exit_year={y: 0.75 for y in range(year, 2041)},
    )


def authority(entries: Mapping[int, float], uasc: Mapping[int, float]) -> Truth:
    """Return an authority with the given entries by reporting year and the usual rates."""
    return Truth(dict(entries), dict(uasc))
