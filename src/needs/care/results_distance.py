"""Chapter 20: how far from home, and on which side of the boundary.

"More than 20 miles" in the published documents is outside the authority *and* over 20 miles.
Every share therefore names what it is a share of.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import pandas as pd

from needs.care.basis import COUNTING_RULE, Basis
from needs.care.breakdown import CHILDREN, breakdown_rows, count_cells
from needs.care.placements import placement_type, temporary_rule
from needs.care.where import BANDS, SIDES, placed_where
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Additive,
    Chart,
    Check,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)

__all__ = ["distance", "distance_by_placement"]

NAME, BY = "cla_distance", "cla_distance_by_placement"
FAR, UNPLACED = "outside_far", "outside_miles_unknown"
"""Keys of the documents' own measure, and of those of whom nothing is known."""

_SETTINGS = {"far_miles": 20, "measure_of_the_documents": "outside the authority and over 20 miles"}
_SYNTHETIC = (
    "The records are synthetic: where a placement lies is drawn by its type, and fitted to no "
    "share that a document prints. A share counted here differs from a printed one for that "
    "reason, whatever base or day is taken."
)
_RULE = (
    "Miles in a straight line from the home postcode to the placement; 20 miles exactly is not "
    "over 20. Inside is a placement whose authority is the authority itself.",
    "The authority's documents count as “more than 20 miles” the children placed outside the "
    "authority and over 20 miles from home: placements that are far but inside are not in it.",
)
# Wide groups, so that no row is one whose number the table of placements may have to hide.
PLACED: Mapping[str, str] = MappingProxyType(
    {
        "fostering": "Placement: fostering",
        "residential": "Placement: residential",
        "other_placement": "Placement: any other",
    }
)
OWNED: Mapping[str, str] = MappingProxyType(
    {
        "own": "Provider: the authority itself",
        "public": "Provider: another authority or public body",
        "private": "Provider: private",
        "voluntary": "Provider: voluntary",
        "no_provider": "Provider: none, such as parents, or not recorded",
    }
)
_OWNER = {"PR1": "own", "PR2": "public", "PR3": "public", "PR4": "private", "PR5": "voluntary"}
FARTHER: Mapping[str, str] = MappingProxyType(
    {"far": "Outside the authority and over 20 miles", "rest": "All other placements, or not known"}
)


def _moves(basis: Basis) -> str:
    return f"Temporary moves: {temporary_rule(basis.study.counting)}."


def _labels() -> dict[str, str]:
    """Return the words of every row: each side, and what is near, far or unknown on it."""
    words: dict[str, str] = {}
    for side, lead in SIDES.items():
        words[side] = lead
        words |= {f"{side}_{b}": f"{lead}, {w}" for b, w in BANDS.items()}
    return words | {
        UNPLACED: "Outside the authority or not known on which side, distance not known"
    }


def distance(data: StudyData) -> Result:
    """Return the stock by side of the boundary and distance (``cla_distance``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns that carry distances, or with a postcode lookup.

    Returns
    -------
    Result
        By day: each side, each band, both together; share of all children
        (``share_pct``) and of those whose side and distance are known (``share_known_pct``).
    """
    basis = Basis.of(data)
    stock = basis.stock()
    at = placed_where(basis.records, stock, basis.study)
    cells = [f"{s}_{b}" for s in SIDES for b in BANDS]
    code = at["side"].cat.codes.to_numpy() * len(BANDS) + at["band"].cat.codes.to_numpy()
    # Of whom nothing is known is too few to stand alone, and outside by DfE's rule.
    code = np.where(code == len(cells) - 1, cells.index(UNPLACED), code)
    both = pd.Categorical.from_codes(code.tolist(), categories=pd.Index(cells))
    counts, found = count_cells(stock["period"].array, both)
    total = counts.sum(axis=0)
    sides = {s: [c for c in found if c.startswith(f"{s}_")] for s in SIDES}
    sides = {s: of for s, of in sides.items() if of}
    sure = np.isin(found, [c for c in cells if "unknown" not in c])
    known = counts[sure].sum(axis=0)
    days = basis.date_keys
    of_sides = np.array([counts[np.isin(found, of)].sum(axis=0) for of in sides.values()])
    of_known = breakdown_rows(
        counts[sure], list(np.array(found)[sure]), days, known, "share_known_pct"
    )
    rows = [
        breakdown_rows(total[None, :], [ALL], days),
        breakdown_rows(of_sides.reshape(len(sides), len(days)), list(sides), days, total),
        breakdown_rows(counts, found, days, total),
        of_known[of_known["measure"] != CHILDREN.key],
    ]
    return Result(
        name=NAME,
        title="How far from home, and on which side of the boundary",
        subtitle=basis.stock_subtitle("Children looked after on the day, by where they are placed"),
        table=long_table(pd.concat(rows, ignore_index=True)),
        measures=_measures(basis),
        labels={ALL: f"All {basis.label}", **_labels(), **basis.date_labels},
        source=basis.source,
        layout=Layout(rows=("group", "measure"), columns=("period",)),
        text=_words(basis, FAR in found and bool(counts[found.index(FAR)][-1])),
        charts=_chart(basis, [k for k in cells if k in found]),
        additive=(
            *(Additive("group", ALL, tuple(sides)) for _ in found[:1]),
            *(Additive("group", side, tuple(of)) for side, of in sides.items()),
        ),
        checks=(_known(bool((known == total).all())),),
        notes=(COUNTING_RULE, *_RULE, _moves(basis), *_drawn(basis), *basis.shown.notes),
        settings={**basis.settings(), **_SETTINGS},
    )


def _drawn(basis: Basis) -> tuple[str, ...]:
    """Return why shares of synthetic records are not those of a document."""
    return (_SYNTHETIC,) if basis.study.report.synthetic else ()


def _measures(basis: Basis) -> tuple[Measure, ...]:
    known = "children whose side and distance are known"
    return (
        CHILDREN,
        Measure("share_pct", "Share", "percent", f"all {basis.label}", ("children_n",)),
        Measure("share_known_pct", "Share", "percent", known, ("children_n",)),
    )


def _words(basis: Basis, some: bool) -> tuple[Sentence, ...]:
    if not some:
        return ()
    day = basis.date_keys[-1]
    return (
        Sentence(
            "{day}: {n} {label} were placed outside the authority and over {miles} from home: "
            "{share} of all, or {known} of those whose side and distance are known.",
            {
                "n": figure_id(NAME, "children_n", FAR, day),
                "share": figure_id(NAME, "share_pct", FAR, day),
                "known": figure_id(NAME, "share_known_pct", FAR, day),
            },
            {"day": basis.date_labels[day], "label": basis.label, "miles": "twenty miles"},
        ),
    )


def _chart(basis: Basis, cells: list[str]) -> tuple[Chart, ...]:
    if not cells:
        return ()
    return (
        *_map(basis, cells),
        Chart(
            key="cells",
            kind="stacked_bar",
            measure="children_n",
            title="Inside or outside, near or far",
            subtitle=basis.stock_subtitle("Children looked after on the day"),
            alt="Stacked bars, one for each day, by side of the boundary and distance from home.",
            include={"group": tuple(cells)},
        ),
    )


def _map(basis: Basis, cells: list[str]) -> tuple[Chart, ...]:
    """Return the last day as rings, where somebody is in each: a map that shows no address."""
    parts = tuple(f"{side}_{band}" for side in ("inside", "outside") for band in ("near", "far"))
    if not set(parts) <= set(cells):
        return ()
    day = basis.date_keys[-1]
    return (
        Chart(
            key="map",
            kind="rings",
            measure="children_n",
            title="Where children are placed: a map of distance",
            subtitle=f"Children looked after on {basis.date_labels[day]}, those whose side and "
            "distance are known",
            alt="A schematic map: the inner ring is near home, the outer far; the left half is "
            "inside the authority, the right outside it.",
            x="group",
            series="period",
            include={"group": parts, "period": (day,)},
        ),
    )


def _known(every: bool) -> Check:
    return Check(
        "Side and distance of every placement are known",
        "pass" if every else "review",
        "all are known"
        if every
        else "some are not: shares of all and of those known differ, and both are given",
    )


def distance_by_placement(data: StudyData) -> Result:
    """Return who is placed far away, by placement group and provider.

    Returns
    -------
    Result
        ``cla_distance_by_placement``: on the last day, by group of placements and by provider:
        children, those outside the authority and over 20 miles from home, and their share of
        the row.
    """
    basis = Basis.of(data)
    stock = basis.stock()
    day = basis.date_keys[-1]
    at = placed_where(basis.records, stock, basis.study)
    last = (stock["period"] == day).to_numpy()
    stock, at = stock[last], at[last]
    far = ((at["side"] == "outside") & (at["band"] == "far")).to_numpy()
    by = pd.Categorical(np.where(far, "far", "rest"), categories=list(FARTHER))
    types = placement_type(stock, basis.study.categories)
    group = {t.key: t.group for t in basis.study.categories.types}
    wide = pd.Series(types).astype(object).map(group)
    wide = wide.where(wide.isin(list(PLACED)), "other_placement")
    groups = pd.Categorical(wide, categories=list(PLACED))
    owner = stock["provider"].astype(object).map(_OWNER).fillna("no_provider")
    provider = pd.Categorical(owner, categories=list(OWNED))
    placed, owned = _cross(groups, by), _cross(provider, by)
    whole = placed.groupby("by", sort=False, as_index=False)["value"].sum().assign(group=ALL)
    rows = pd.concat([whole, placed, owned], ignore_index=True)
    labels = {ALL: f"All {basis.label}", **PLACED, **OWNED}
    return Result(
        name=BY,
        title="Who is placed far from home, by placement and provider",
        subtitle=f"Children looked after on {basis.date_labels[day]}, {basis.study.authority.name}",
        table=_with_shares(rows.assign(period=day)),
        measures=(
            CHILDREN,
            Measure("share_of_row_pct", "Share", "percent", "the row", ("children_n",)),
        ),
        labels={**labels, **FARTHER, **basis.date_labels},
        source=basis.source,
        layout=Layout(rows=("group",), columns=("by", "measure")),
        additive=(
            Additive("by", ALL, tuple(FARTHER)),
            *(
                Additive("group", ALL, tuple(way["group"].unique()))
                for way in (placed, owned)
                if len(way)
            ),
        ),
        notes=(COUNTING_RULE, *_RULE, _moves(basis), *_drawn(basis), *basis.shown.notes),
        settings={**basis.settings(), **_SETTINGS},
    )


def _cross(group: pd.Categorical, by: pd.Categorical) -> pd.DataFrame:
    """Return children by group and whether they are placed far away, and both together."""
    counts, keys = count_cells(by, group)
    wide = np.column_stack([counts.sum(axis=1), counts])
    across = [ALL, *map(str, by.categories)]
    return pd.DataFrame(
        {
            "group": np.repeat(np.array(keys, dtype=object), len(across)),
            "by": np.tile(np.array(across, dtype=object), len(keys)),
            "value": wide.ravel(),
        }
    )


def _with_shares(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the long table: counts, and the share of each row that is placed far away."""
    counts = rows.assign(measure=CHILDREN.key, marker="")
    far = rows[rows["by"] == "far"]
    base = far["group"].map(rows[rows["by"] == ALL].set_index("group")["value"]).to_numpy(float)
    share = np.divide(100.0 * far["value"], base, out=np.full(len(far), np.nan), where=base > 0)
    shares = far.assign(measure="share_of_row_pct", value=share, marker=np.where(base > 0, "", "z"))
    return long_table(pd.concat([counts, shares], ignore_index=True))
