"""Chapter 30: the rank of each domain by placement type, as table 1 of document 002 prints it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs.profiles.needs_basis import GROUPS, Needs
from needs.profiles.scores import domain_ranks
from needs.profiles.withheld import on_coverage, withheld
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Chart, Layout, Measure, Result, Sentence, figure_id

__all__ = ["RANK", "RANKED", "domains_ranked", "ranked"]

NAME = "needs_ranks"
RANKED = ("residential", "fostering")
"""Placement groups beside all children, as in table 1 of document 002."""
REDRAWN = 1_000
"""Times that children are drawn again; the ends of a 95% interval then rest on 25 draws each."""
RANK = Measure("rank", "Rank", "count")
NEED = Measure("need_pct", "With a need in the domain", "percent", "children assessed")
_SHOWN = ("rank", "rank_lower_95", "rank_upper_95")


def ranked(data: StudyData, needs: Needs) -> pd.DataFrame:
    """Return the rank of each domain among all children and in the groups of table 1.

    Returns
    -------
    pandas.DataFrame
        ``group`` (domain), ``by`` (placement group, ``all``), ``assessed_n``, ``need_pct``,
        ``rank``, ``rank_lower``, ``rank_upper``.
    """
    rng = np.random.default_rng([data.study.seed, 30, 1])
    by = needs.of_assessed("group").where(lambda g: g.isin(RANKED))
    found = domain_ranks(needs.many(data), list(needs.levels.columns), needs.tool, by, REDRAWN, rng)
    return pd.DataFrame(
        {
            "group": found["domain"],
            "by": found["group"],
            "assessed_n": found["children_n"],
            "need_pct": 100 * found["share"],
            "rank": found["rank"],
            "rank_lower": np.floor(found["lower"]),
            "rank_upper": np.ceil(found["upper"]),
        }
    )


def domains_ranked(data: StudyData) -> Result:
    """Return domains by how many children have a need in them, in the layout of document 002.

    Parameters
    ----------
    data : StudyData
        A study with returns and assessments.

    Returns
    -------
    Result
        ``needs_ranks``: domain by placement group: rank with its 95% interval, and the share of
        children with a need in the domain.
    """
    needs = Needs.of(data)
    frame = ranked(data, needs).assign(period=needs.period)
    table = withheld(frame, ["period", "group", "by"], needs, ("need_pct",))
    labels = needs.tool.labels
    in_order = frame[frame["by"] == ALL].sort_values("rank", kind="stable")["group"]
    made = Result(
        name=NAME,
        title="Needs, the most common first, by placement type",
        subtitle=needs.subtitle("Rank of each domain by how many children have a need in it"),
        table=table,
        measures=(RANK, NEED),
        labels={
            **{d: labels[d] for d in in_order},
            **{g: GROUPS[g] for g in RANKED},
            ALL: f"All {needs.care.label}",
            **needs.labels,
            "group": "Domain",
        },
        source=needs.source,
        layout=Layout(("group",), ("by", "measure"), _SHOWN),
        text=_said(needs, list(in_order), labels),
        charts=(
            Chart(
                "common",
                "bar",
                "need_pct",
                "How common each need is",
                needs.subtitle("Share of children with a need in the domain, all accommodation"),
                "Bars, one for each domain, the most common need first: share of the children "
                "assessed who have a need in it.",
                x="group",
                series="by",
                include={"by": (ALL,)},
            ),
        ),
        notes=(
            "The first rank is the most common need. Domains with equal shares share the mean of "
            "their ranks. Ranges: ranks when the children are drawn again, with putting back "
            "(Goldstein and Spiegelhalter 1996), to the next whole rank outwards; where two ranges "
            "overlap, the order of the two may be chance.",
            "Domains that were not scored are filled in several ways, as in the other tables.",
        ),
        settings={**needs.settings, "redrawn": REDRAWN},
    )
    return on_coverage(made, needs)


def _said(needs: Needs, order: list[str], labels: dict[str, str]) -> tuple[Sentence, ...]:
    def ref(domain: str) -> str:
        return figure_id(NAME, "need_pct", domain, needs.period, ALL)

    first, last = order[0], order[-1]
    return (
        Sentence(
            "The most common need is in “{first}”, of {most} of the children assessed; the least "
            "common is in “{last}”, of {least}.",
            {"most": ref(first), "least": ref(last)},
            {"first": labels[first], "last": labels[last]},
        ),
    )
