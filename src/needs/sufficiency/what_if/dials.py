"""The dials of a study: those its placement types, prices and places allow."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from needs.care.mix import GROUP_WORDS
from needs.forecast.levers import Entries, Exits, Lever, Opening, StepDown
from needs.sufficiency.capacity.demand import of_relatives
from needs.sufficiency.what_if.engine import Dial, Pair
from needs.vocabulary.study import Categories
from needs.vocabulary.wording import inside

__all__ = ["SERVICE", "Plans", "levers_of", "pairs_of", "price_dials", "rate_dials"]

SERVICE = "service_"
"""Begins the keys of services: some have the key of a placement type of which they are more."""
ENTRIES, EXITS, FOSTER, STEP, HOME = "entries", "exits", "to_own_carers", "to_foster", "own_home"
MOST = 30
"""Per cent by which entries and exits may change: beyond it no past year of a study went."""
MOVED, BEDS, PART = 30, 12, 10
"""Children moved in a year and places opened, at most; and no more than one in so many of those who
live there, since soon nobody would be left to move."""
PRICE_LOW, PRICE_HIGH = -10, 25
CARERS = 40


@dataclass(frozen=True)
class Plans:
    """Placement types that plans move children between; ``""`` where a study has none.

    Parameters
    ----------
    own_foster, bought_foster : str
        Foster carers of one's own, relatives left out, and of agencies.
    own_home, bought_home : str
        Children's homes.
    """

    own_foster: str = ""
    bought_foster: str = ""
    own_home: str = ""
    bought_home: str = ""

    @classmethod
    def of(cls, categories: Categories, now: Mapping[str, float]) -> Plans:
        """Return of each kind the type in which most children live, of those a model knows.

        Parameters
        ----------
        categories : Categories
        now : mapping of str to float
            Type -> children today.
        """
        kin = of_relatives(categories)

        def largest(group: str, sector: str) -> str:
            found = [
                t for t in categories.types
                if t.group == group and t.sector == sector and t.key not in kin and now.get(t.key)
            ]  # fmt: skip
            return max(found, key=lambda t: now[t.key]).key if found else ""

        return cls(
            largest("fostering", "in_house"),
            largest("fostering", "external"),
            largest("residential", "in_house"),
            largest("residential", "external"),
        )


def rate_dials(
    plans: Plans, labels: Mapping[str, str], now: Mapping[str, float], services: Sequence[str]
) -> list[Dial]:
    """Return the dials that the simulation is asked about.

    Parameters
    ----------
    plans : Plans
    labels : mapping of str to str
        Words for placement types.
    now : mapping of str to float
        Type -> children today.
    services : sequence of str
        Keys of services that places are counted for.
    """
    dials = [
        Dial(ENTRIES, "More or fewer come into care", "per cent", -MOST, MOST, 1, (-MOST, MOST)),
        Dial(
            EXITS, "Children leave sooner or later before eighteen", "per cent", -MOST, MOST, 1,
            (-MOST, -MOST // 2, MOST // 2, MOST),
        ),
    ]  # fmt: skip
    for key, source, most in (
        (FOSTER, plans.bought_foster, MOVED),
        (STEP, plans.bought_home, BEDS),
    ):
        top = _most(now, source, most)
        if plans.own_foster and top:
            words = f"Moved from {inside(labels[source])} to {inside(labels[plans.own_foster])}"
            dials.append(Dial(key, words, "children a year", 0, top, 1, (top,)))
    top = _most(now, plans.bought_home, BEDS)
    if plans.own_home and top:
        to, source = (inside(labels[k]) for k in (plans.own_home, plans.bought_home))
        of = SERVICE + "residential" if SERVICE + "residential" in services else ""
        words = f"New places in {to}, filled from {source}"
        dials.append(Dial(HOME, words, "places", 0, top, 1, (top,), places_of=of))
    if SERVICE + "fostering" in services:
        words = "New places with foster carers"
        dials.append(Dial("carers", words, "places", 0, CARERS, places_of=SERVICE + "fostering"))
    return dials


def _most(now: Mapping[str, float], source: str, most: int) -> int:
    return min(most, int(now.get(source, 0) // PART))


def price_dials(groups: Mapping[str, str]) -> list[Dial]:
    """Return a dial of prices for each group of placements that money is told of.

    Parameters
    ----------
    groups : mapping of str to str
        Line of money -> group of the category map.
    """
    return [
        Dial(
            f"price_{group}", f"Price of {inside(GROUP_WORDS[group])}", "per cent",
            PRICE_LOW, PRICE_HIGH, price_of=line,
        )
        for line, group in groups.items()
    ]  # fmt: skip


def pairs_of(dials: Sequence[Dial]) -> tuple[Pair, ...]:
    """Return the dials whose effects do not add up: how fast children leave meets each other."""
    ends = (-MOST, MOST)
    others = [d for d in dials if d.nodes and d.key != EXITS]
    return tuple(Pair(d.key, EXITS, d.nodes, ends) for d in others)


def levers_of(settings: Mapping[str, float], plans: Plans) -> list[Lever]:
    """Return the levers of the simulation that settings of dials stand for."""
    made: list[Lever] = []
    at = {k: v for k, v in settings.items() if v}
    if ENTRIES in at:
        made.append(Entries(at[ENTRIES], each_year=False))
    if EXITS in at:
        made.append(Exits(1 + at[EXITS] / 100))
    if FOSTER in at:
        made.append(StepDown(at[FOSTER], (plans.bought_foster,), plans.own_foster))
    if STEP in at:
        made.append(StepDown(at[STEP], (plans.bought_home,), plans.own_foster))
    if HOME in at:
        made.append(Opening(plans.own_home, int(at[HOME]), (plans.bought_home,)))
    return made
