"""Assumptions of an authority that does not exist, in the columns of ``assumptions``."""

from __future__ import annotations

import pandas as pd

from needs.vocabulary.periods import ReportingYear

__all__ = ["assumed"]

ROWS = (
    (
        "A1",
        "Rates of coming into care and leaving it drift as they drifted in the years known",
        "",
        "The total of every year ahead",
        "medium",
        "Analyst",
        "The returns of these years",
    ),
    (
        "A2",
        "Unaccompanied children are transferred at the scheme's threshold",
        "0.1% of under-18s",
        "Supported accommodation and foster care at 16 and over",
        "low",
        "Head of service",
        "Home Office and DfE, National Transfer Scheme protocol",
    ),
    (
        "A3",
        "Agency foster care falls to the share that the strategy aims at",
        "33% by March 2025",
        "In-house and agency foster care",
        "low",
        "Commissioning",
        "Commissioning strategy, section 4",
    ),
    (
        "A4",
        "A placement of each type can be found when it is needed",
        "",
        "Placement mix; children wait or go elsewhere where it does not hold",
        "low",
        "Commissioning",
        "Judgement of the placement board",
    ),
    (
        "A5",
        "The returns hold every episode with true dates",
        "",
        "All counts and rates",
        "high",
        "Data manager",
        "Checks of the data quality chapter",
    ),
)


def assumed(last: ReportingYear) -> pd.DataFrame:
    """Return the assumptions log of a synthetic study, looked at on the last day of its year."""
    names = ["id", "text", "value", "effect", "reliability", "owner_role", "source"]
    return pd.DataFrame(ROWS, columns=names).assign(date=last.end.isoformat())
