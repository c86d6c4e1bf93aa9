"""Every other input of a synthetic study, as tables ready to be written."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs.synthetic import supply
from needs.synthetic.assumed import assumed
from needs.synthetic.budget import placement_budget
from needs.synthetic.costs import CostTruth, cost_lines, market
from needs.synthetic.edge import edge_of_care, with_avoided
from needs.synthetic.episodes import Lives
from needs.synthetic.leavers import care_leavers
from needs.synthetic.needs import PROFILES, NeedsTruth, assessed, profiles
from needs.synthetic.places import Map
from needs.synthetic.registered import registered
from needs.vocabulary.periods import ReportingYear

__all__ = ["Others", "other_tables"]

_TOOL_SINCE = "2019-04-01"
_COST_YEARS = 4


@dataclass(frozen=True)
class Others:
    """The tables beside the returns, and the truth that belongs to them.

    Attributes
    ----------
    tables : mapping of str to pandas.DataFrame
        Input name -> rows, in the columns of ``analysis/INPUTS.md``.
    profile : pandas.DataFrame
        ``child_id, profile``: the class that each child's scores were drawn from.
    """

    tables: Mapping[str, pd.DataFrame]
    profile: pd.DataFrame


def other_tables(
    lives: Lives, where: Map, last: ReportingYear, needs: NeedsTruth, costs: CostTruth,
    name: str, size: float, rng: np.random.Generator,
) -> Others:  # fmt: skip
    """Return the other inputs of a synthetic authority.

    Parameters
    ----------
    lives : Lives
        With ``id`` in children.
    where : Map
    last : ReportingYear
        Year of the last return.
    needs, costs : NeedsTruth, CostTruth
    name : str
        The authority's short name.
    size : float
        The authority's size against the bundled one's.
    rng : numpy.random.Generator
    """
    asked, edge, leaving, listed = rng.spawn(4)  # so that these change no other table
    kind = profiles(needs, lives, rng)
    years = tuple(last - n for n in range(_COST_YEARS))[::-1]
    lines = cost_lines(costs, lives, kind, years, rng, name)
    households = supply.carers(last - 6, last, rng, size)
    homes = supply.provision(lives, households, years[0], rng, name)
    tables = {
        "assessments": assessed(needs, lives, kind, _TOOL_SINCE, rng),
        "attributes": supply.attributes(lives, where, years[0], rng),
        "costs": lines[[c for c in lines.columns if not c.startswith("true_")]],
        **market(lines, last, rng, name, size),
        "placement_budget": placement_budget(lines, years),
        "provision": homes,
        "voids": supply.voids(homes, last, rng),
        "carers": households,
        "referrals": with_avoided(supply.referrals(lives, years[0], rng), asked),
        "edge_of_care": edge_of_care(years, size, edge),
        "care_leavers": care_leavers(lives, last, leaving),
        "assumptions": assumed(last),
        "ofsted": registered(homes, lives, where, name, listed),
    }
    ids = lives.children.set_index("child")["id"].reindex(kind.index)
    truth = pd.DataFrame({"child_id": ids, "profile": [PROFILES[i] for i in kind]})
    return Others(tables, truth)
