"""Chapter 20: placements by district, and by authority outside, as a table and a map.

The map gives nobody away: a circle stands where its area lies, which follows from the postcode
directory alone, and is as large as a number that disclosure control let pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs.care.basis import COUNTING_RULE, Basis
from needs.care.breakdown import CHILDREN, breakdown_rows
from needs.care.districts import (
    ELSEWHERE,
    INSIDE_UNKNOWN,
    LISTED,
    areas_of,
    lie_at,
    names_of,
    placed_in,
)
from needs.care.placements import temporary_rule
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Additive,
    Chart,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)

__all__ = ["districts"]

NAME = "cla_districts"
INSIDE = "inside"
_NO_DIRECTORY = (
    "There is no map: the study has no postcode directory (inputs.postcodes), or none of this "
    "authority, and so nothing says in which district a placement lies. Placements inside the "
    "authority therefore stand in one row. Those outside are told apart by the authority that "
    "the returns give (PL_LA), or that Ofsted's list gives for a home."
)
_DIRECTORY = (
    "The district is that of the placement's postcode. On the map a circle stands near the mean "
    "of all postcodes of its area, and not where anybody lives; circles are moved apart so that "
    "none hides another, and areas far off stand nearer than they are, in the same direction. "
    "The area of a circle follows the number; an open circle with a dot is a withheld number, "
    "and its size says nothing. Filled circles are inside the authority."
)
_LISTED = (
    "An authority outside has a row of its own where it has as many children as disclosure "
    "control asks for, the twelve with the most; all others are counted together, and with them "
    "the fewest of these where the others alone would have to be withheld."
)


@dataclass(frozen=True)
class _Areas:
    """The rows of the table, in order, and how many children are in each."""

    inside: dict[str, int]
    outside: dict[str, int]
    directory: bool

    @property
    def within(self) -> dict[str, int]:
        """Children of each district; none where the authority is not divided."""
        return self.inside if self.directory else {}


def districts(data: StudyData) -> Result:
    """Return children by the district or authority they are placed in (``cla_districts``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns; with a postcode directory, by district.

    Returns
    -------
    Result
        On the last day: children inside the authority, in each district of it, in each
        authority outside that has enough, and elsewhere; share of all.
    """
    basis = Basis.of(data)
    day = basis.date_keys[-1]
    stock = basis.stock()
    stock = stock[(stock["period"] == day).to_numpy()]
    places = areas_of(data)
    own = places.loc[places["authority"] == basis.study.authority.ons_code, "district"].tolist()
    found = _areas(basis, placed_in(basis.records, stock, basis.study, own), own)
    names = names_of(data, [*own, *found.outside])
    labels = {
        ALL: f"All {basis.label}",
        INSIDE: "Inside the authority",
        **dict(sorted(((d, names[d]) for d in own), key=_by_name)),
        INSIDE_UNKNOWN: "Inside the authority, district not known",
        # By name: an order by number would tell of a hidden one between which others it lies.
        **dict(sorted(((c, names[c]) for c in found.outside if c != ELSEWHERE), key=_by_name)),
        ELSEWHERE: "Any other authority, or not known where",
    }
    return Result(
        name=NAME,
        title="Where children are placed, by district and authority",
        subtitle=f"Children looked after on {basis.date_labels[day]}, {basis.study.authority.name}",
        table=_table(found, day, len(stock)),
        measures=(
            CHILDREN,
            Measure("share_pct", "Share", "percent", f"all {basis.label}", ("children_n",)),
        ),
        labels={**labels, **basis.date_labels},
        source=basis.source + ("; ONS Postcode Directory" if found.directory else ""),
        layout=Layout(rows=("group",), columns=("measure",)),
        text=_words(found, labels, basis),
        charts=_map(lie_at(places, own), found, own, basis) if found.directory else (),
        additive=_additive(found),
        notes=(
            COUNTING_RULE,
            _DIRECTORY if found.directory else _NO_DIRECTORY,
            _LISTED,
            f"Temporary moves: {temporary_rule(basis.study.counting)}.",
            *basis.shown.notes,
        ),
        settings={**basis.settings(), "listed_authorities": LISTED},
    )


def _by_name(pair: tuple[str, str]) -> tuple[str, str]:
    return pair[1], pair[0]


def _areas(basis: Basis, at: pd.DataFrame, own: Sequence[str]) -> _Areas:
    """Count children by area; authorities outside with too few go together."""
    inside = at.loc[at["inside"], "area"].value_counts()
    outside = at.loc[~at["inside"], "area"].value_counts()
    least = max(basis.study.disclosure.threshold, 1)
    named = outside.drop(ELSEWHERE, errors="ignore")
    named = named[named >= least].sort_index().sort_values(ascending=False, kind="stable")
    kept = {str(c): int(n) for c, n in named.iloc[:LISTED].items()}
    rest = int(outside.sum()) - sum(kept.values())
    # Few others would be hidden, and a named one with them that then lies within a few.
    while 1 <= rest < least and kept:
        rest += kept.popitem()[1]
    unknown = int(inside.get(INSIDE_UNKNOWN, 0))
    return _Areas(
        {d: int(inside.get(d, 0)) for d in own} | ({INSIDE_UNKNOWN: unknown} if unknown else {}),
        kept | ({ELSEWHERE: rest} if rest else {}),
        directory=bool(own),
    )


def _table(found: _Areas, day: str, total: int) -> pd.DataFrame:
    cells = {INSIDE: sum(found.inside.values()), **found.within, **found.outside}
    whole = np.array([total])
    counts = np.array(list(cells.values())).reshape(-1, 1)
    rows = [
        breakdown_rows(whole[None, :], [ALL], [day], whole),
        breakdown_rows(counts, list(cells), [day], whole),
    ]
    return long_table(pd.concat(rows, ignore_index=True))


def _additive(found: _Areas) -> tuple[Additive, ...]:
    parts = (Additive("group", ALL, (INSIDE, *found.outside)),)
    return (*parts, Additive("group", INSIDE, tuple(found.within))) if found.within else parts


def _words(found: _Areas, labels: dict[str, str], basis: Basis) -> tuple[Sentence, ...]:
    named = {k: n for k, n in (found.within | found.outside).items() if k in labels}
    for unnamed in (INSIDE_UNKNOWN, ELSEWHERE):
        named.pop(unnamed, None)
    if not any(named.values()):
        return ()
    top, day = max(named, key=lambda k: named[k]), basis.date_keys[-1]
    return (
        Sentence(
            "{day}: of the areas named, most children were placed in {area}: {n}, or {share} of "
            "all.",
            {
                "n": figure_id(NAME, "children_n", top, day),
                "share": figure_id(NAME, "share_pct", top, day),
            },
            {"day": basis.date_labels[day], "area": labels[top]},
        ),
    )


def _map(
    at: dict[str, tuple[float, float]], found: _Areas, own: Sequence[str], basis: Basis
) -> tuple[Chart, ...]:
    """Return the map: areas with their circles, and below it what has no place on it."""
    day = basis.date_keys[-1]
    drawn = (*found.within, *found.outside)
    return (
        Chart(
            key="map",
            kind="circles",
            measure="children_n",
            title="Where children are placed: a map of districts and authorities",
            subtitle=f"Children looked after on {basis.date_labels[day]}; circles as large as "
            "numbers, placed by where each area lies; an open circle with a dot is withheld",
            alt="A map of circles without a base map, north up: filled ones are the districts of "
            "the authority, white ones other authorities, in their direction.",
            x="group",
            series="period",
            include={"group": drawn, "period": (day,)},
            at={k: at[k] for k in drawn if k in at},
            core=tuple(own),
        ),
    )
