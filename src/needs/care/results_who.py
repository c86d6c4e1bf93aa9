"""Chapter 20: ethnicity."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import pandas as pd

from needs.care.basis import Basis
from needs.care.breakdown import Breakdown, divided
from needs.vocabulary.codes import code_set
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Result

__all__ = ["ethnicity"]

ETHNIC_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "white": "White",
        "mixed": "Mixed",
        "asian": "Asian",
        "black": "Black",
        "other": "Other",
        "not_known": "Refused or not yet obtained",
    }
)


def ethnicity(data: StudyData) -> Result:
    """Return the stock by ethnic group (``cla_ethnicity``)."""
    basis = Basis.of(data)
    frame = basis.stock()
    groups = {c: g.lower().replace(" ", "_") for c, g in code_set("ETHNIC").group_of.items() if g}
    by = pd.Categorical(frame["ethnic"].astype(object).map(groups), categories=list(ETHNIC_WORDS))
    spec = Breakdown(
        name="cla_ethnicity",
        title=f"{basis.heading} by ethnic group",
        subtitle=basis.stock_subtitle("Children looked after on the day, by ethnic group"),
        everyone=f"all {basis.label}",
        labels=ETHNIC_WORDS,
        periods=basis.date_labels,
        notes=("Groups of the DfE releases; Chinese children are counted as Asian.",),
        chart=f"{basis.heading} by ethnic group",
    )
    return divided(basis, frame["period"].array, by, spec)
