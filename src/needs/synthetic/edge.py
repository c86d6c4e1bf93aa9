"""Synthetic work on the edge of care: requests that came to no placement, and counts by stage."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from needs.synthetic.episodes import choose
from needs.synthetic.text import iso_days
from needs.vocabulary.edge import FUNNELS
from needs.vocabulary.periods import ReportingYear

__all__ = ["STAGES", "edge_of_care", "with_avoided"]

_AVOIDED = 91 / 321
_RE_REFERRED = 0.17
_SAME_DAY = 0.15
_SOUGHT = (("in_house_foster", 0.6), ("ifa", 0.25), ("kinship", 0.1), ("external_home", 0.05))
STAGES: tuple[tuple[str, str, float], ...] = (
    ("family_support", "families", 17),
    ("family_support", "cases", 176),
    ("conference_held", "cases", 39),
    ("conference_stayed", "children", 37),
    ("conference_held", "children", 40),
    ("homeless_seen", "children", 201),
    ("homeless_assessed", "children", 131),
    ("homeless_home", "children", 53),
    ("homeless_accommodated", "children", 32),
    ("homeless_section_17", "children", 16),
    ("bed_and_breakfast", "children", 21),
    ("bed_and_breakfast", "nights", 622),
    ("pre_proceedings", "families", 60),
    ("proceedings", "families", 48),
    ("proceedings", "children", 82),
    ("parenting_assessment", "families", 6),
    ("parenting_assessment", "days", 420),
)
"""Stage, unit and mean a year of an authority of 148,000 children.

As document 000 prints them for 2010-11, sections 3.13, 4.3 and 4.6: 201 seen, 131 in need of an
assessment, 53 home, 32 accommodated, 16 under section 17, 622 nights, 39 cases, 37 children, 17
families and 176 cases. It prints no number of proceedings or days of assessment: those are
chosen.
"""


def with_avoided(requests: pd.DataFrame, rng: np.random.Generator) -> pd.DataFrame:
    """Return requests with those that came to no placement, in the columns of ``referrals``.

    Parameters
    ----------
    requests : pandas.DataFrame
        Of children who were placed, in the columns of ``referrals``.
    rng : numpy.random.Generator

    Notes
    -----
    Document 000, section 4.1, prints 321 placed, 91 avoided and 17% re-referred. A child whose
    placement was avoided is not in the returns, so that the row names nobody.
    """
    n = round(_AVOIDED * len(requests))
    day = pd.to_datetime(requests["date"].to_numpy()[rng.integers(0, len(requests), n)])
    soon = rng.random(n) < _SAME_DAY
    until = day + pd.to_timedelta(np.where(soon, 0, rng.integers(1, 21, n)), unit="D")
    first = len(requests)
    more = pd.DataFrame({
        "referral_id": [f"R{i:06d}" for i in range(first, first + n)], "child_id": "",
        "date": iso_days(pd.Series(day)), "type_asked": choose(_SOUGHT, n, rng), "type_placed": "",
        "emergency": np.where(soon, "yes", "no"), "needed_by": iso_days(pd.Series(until)),
        "outcome": np.where(rng.random(n) < 0.85, "avoided", "withdrawn"),
        "reason_not_placed": "", "placed_date": "", "offers_n": 0,
    })  # fmt: skip
    mine = requests.assign(needed_by=requests["placed_date"])
    both = pd.concat([mine, more], ignore_index=True)
    both["re_referral"] = np.where(rng.random(len(both)) < _RE_REFERRED, "yes", "no")
    return both


def edge_of_care(
    years: Sequence[ReportingYear], size: float, rng: np.random.Generator
) -> pd.DataFrame:
    """Return counts by stage and unit, in the columns of ``edge_of_care``.

    Parameters
    ----------
    years : sequence of ReportingYear
    size : float
        The authority's size against the one whose numbers :data:`STAGES` holds.
    rng : numpy.random.Generator

    Notes
    -----
    A part of a funnel is never more than its first stage in the same unit.
    """
    rows = [
        {"period": str(y), "stage": stage, "unit": unit, "number": rng.poisson(mean * size)}
        for y in years
        for stage, unit, mean in STAGES
    ]
    table = pd.DataFrame(rows)
    first = {part: stage for stage, parts in FUNNELS.items() for part in parts}
    whole = table.set_index(["period", "stage", "unit"])["number"]
    keys = zip(table["period"], table["stage"].map(first), table["unit"], strict=True)
    most = np.array([whole.get(k, np.inf) for k in keys])
    table["number"] = np.minimum(table["number"], most).astype(int)
    return table
