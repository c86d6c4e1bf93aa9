"""Ofsted's list of homes as it would be of a synthetic authority and the areas around it."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs.synthetic.episodes import Lives
from needs.synthetic.places import Map
from needs.synthetic.text import iso_days
from needs.vocabulary.periods import ReportingYear

__all__ = ["heading", "registered"]

_TYPES = {
    "childrens_home": "Children's home",
    "residential_school": "Residential special school (registered as a children's home)",
}
_SECTORS = {"in_house": "Local Authority", "private": "Private", "voluntary": "Voluntary"}
_JUDGED = ("Outstanding", "Good", "Requires improvement to be good", "Inadequate", "")
_CHANCE = (0.10, 0.67, 0.13, 0.02, 0.08)
"""Main findings of Ofsted's children's social care statistics at 31 March 2023, nearly."""
_UNUSED = 0.25
"""Homes in which the authority has nobody, against those it uses."""


def heading(last: ReportingYear) -> str:
    """Return the line that stands above the table, and says of which day it is."""
    return f"Synthetic list of registered homes as at {last.end.day} March {last.end_year}"


def registered(
    homes: pd.DataFrame, lives: Lives, where: Map, name: str, rng: np.random.Generator
) -> pd.DataFrame:
    """Return Ofsted's list, in the publisher's columns.

    Parameters
    ----------
    homes : pandas.DataFrame
        Of :func:`needs.synthetic.supply.provision`; those with an Ofsted number are listed.
    lives : Lives
        For the postcode that a number lies at.
    where : Map
    name : str
        The authority's own, as the list writes it.
    rng : numpy.random.Generator
    """
    own = homes[homes["kind"].isin(list(_TYPES)) & (homes["closed"] == "")]
    post = lives.episodes.drop_duplicates("urn").set_index("urn")["pl_post"]
    area = where.table.set_index("pcds")["oslaua"]
    inside = where.table["oslaua"].iloc[where.inside].unique()
    of = post.reindex(own["urn"]).map(area)
    more = rng.integers(0, len(own), int(len(own) * _UNUSED))
    some = pd.concat([own, own.iloc[more].assign(sector="private", kind="childrens_home")])
    area_of = pd.concat([of, of.iloc[more]]).to_numpy()
    n = len(some)
    number = some["urn"].to_numpy(dtype=object)
    number[len(own) :] = [f"SC{x:06d}" for x in 800_000 + np.arange(n - len(own))]
    return pd.DataFrame({
        "URN": number,
        "Provision type": some["kind"].map(_TYPES).to_numpy(),
        "Registration date": iso_days(pd.to_datetime(some["opened"])),
        "Registration status": "Active",
        "Sector": some["sector"].map(_SECTORS).to_numpy(),
        "Places": some["places"].to_numpy(),
        "Local authority": np.where(np.isin(area_of, inside), name, "Area " + area_of),
        "Overall experiences and progress": rng.choice(_JUDGED, n, p=_CHANCE),
    })  # fmt: skip
