"""Chapter 30: what was asked for and what was found, and specialist places needed a year."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.requests import Requests
from needs.care.results_flows import with_windows
from needs.care.rows import SERVED, unavailable, wide_rows
from needs.profiles.begun import AFTER_DAYS, YEARS, Begun, small_on, solo_on
from needs.profiles.homes import EVEN, yearly
from needs.profiles.placed import FOSTER, HOME, SETTINGS
from needs.profiles.scores import thresholds
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Additive,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
)

__all__ = ["ASKED", "PLACES", "PRINTED", "asked_and_found", "places_a_year"]

ASKED, PLACES = "homes_asked_found", "homes_places_a_year"
DRAWS = 60
_NO_YEAR = "No full year of the returns can be shown."
PRINTED: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "specialist_foster_places_year": ("foster", "specialist fostering"),
        "small_therapeutic_places_year": ("small", "solo or small therapeutic homes"),
        "solo_places_year": ("small", "solo or small therapeutic homes"),
    }
)
"""Cited figures that are held beside: key -> kind of place, and its words."""
ROWS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "begun": ("", "Placements begun in homes"),
        "begun_assessed": ("", "Of these, of children assessed"),
        "begun_foster": ("foster", "Of these, foster care was likelier for children alike"),
        "step_down": ("foster", "Moves from a home to foster care"),
        "asked_foster": ("foster", "Requests for foster care that came to a home"),
        "feature_foster": ("foster", "Requests for specialist foster care or a step down"),
        "begun_solo": ("small", "Begun in homes, care plan asks for a solo placement"),
        "begun_small": ("small", "Begun in homes for one child or with few places"),
        "feature_solo": ("small", "Requests for a solo placement or a small home"),
        "begun_specialist": ("small", "Begun in homes, a specialist need in the last assessment"),
        "feature_therapeutic": ("small", "Requests for a therapeutic home"),
    }
)
"""Definitions: key -> kind of place they are readings of, and words."""
_FEATURES = {
    "feature_foster": ("specialist_foster", "step_down"),
    "feature_solo": ("solo", "small_home"),
    "feature_therapeutic": ("therapeutic",),
}
Counts = npt.NDArray[np.int64]


def _asked(data: StudyData) -> tuple[tuple[str, ...], pd.DataFrame]:
    """Return the last full years of the list of requests, and requests placed in them by group."""
    made = Requests.of(data)
    whole = {w.key for w in made.basis.shown.windows if not w.part}
    keys = tuple(k for k in made.keys if k in whole)[-YEARS:]
    placed = made.placed[made.placed["year"].isin(keys)]
    group = {t.key: t.group for t in data.study.categories.types}
    return keys, placed.assign(
        of=placed["asked"].map(group).fillna("other"), to=placed["found"].map(group).fillna("other")
    )


def asked_and_found(data: StudyData) -> Result:
    """Return requests by group of placement asked for and found (``homes_asked_found``).

    Parameters
    ----------
    data : StudyData
        A study with ``referrals`` and SSDA903 returns.

    Returns
    -------
    Result
        Requests of the last years that came to a placement: ``group`` asked for, ``by`` found.
    """
    basis = with_windows(data)
    title = "Asked for, and found"
    what = "Requests that came to a placement"
    keys, placed = _asked(data)
    counted = Measure("requests_n", "Requests", "requests")
    if not keys or placed.empty:
        why = "No request of a full year came to a placement." if keys else _NO_YEAR
        return unavailable(basis, ASKED, title, what, counted, why)
    there = [s for s in SETTINGS if (placed["of"] == s).any() or (placed["to"] == s).any()]
    period = f"{keys[0]}_{keys[-1]}"
    rows = []
    for of in (ALL, *there):
        mine = placed if of == ALL else placed[placed["of"] == of]
        for to in (ALL, *there):
            n = len(mine) if to == ALL else int((mine["to"] == to).sum())
            share = np.nan if to == ALL or not len(mine) else 100 * n / len(mine)
            rows.append(
                {"group": of, "by": to, "period": period, "requests_n": n, "found_pct": share}
            )
    return Result(
        name=ASKED,
        title=title,
        subtitle=f"{what}, {basis.study.authority.name}, {_span(keys)}",
        table=wide_rows(pd.DataFrame(rows), ["group", "by", "period"]),
        measures=(
            counted,
            Measure("found_pct", "Share", "percent", "requests for the group", ("requests_n",)),
        ),
        labels={
            ALL: "All", FOSTER: "Foster care", HOME: "Homes", "supported": "Supported",
            "adoption": "Adoption", "parents": "With parents", "other": "Other or not said",
            period: _span(keys), "group": "Asked for",
        },
        source=f"{basis.study.authority.short_name}: list of requests for placements",
        layout=Layout(rows=("group",), columns=("by",), measures=("requests_n",)),
        text=(
            Sentence(
                "Of {base} requests for foster care that came to a placement, {n} came to a home, "
                "{share} of them.",
                {
                    "base": figure_id(ASKED, "requests_n", FOSTER, period, ALL),
                    "n": figure_id(ASKED, "requests_n", FOSTER, period, HOME),
                    "share": figure_id(ASKED, "found_pct", FOSTER, period, HOME),
                },
            ),
        )
        if FOSTER in there and HOME in there and (placed["of"] == FOSTER).any()
        else (),
        additive=(
            Additive("group", ALL, tuple(there)),
            Additive("by", ALL, tuple(there)),
        ),
        notes=(
            "Types are put together as the category map groups them. A request counts in the "
            "year in which it was made; a child may have several.",
        ),
        settings=basis.settings(),
        scope=SERVED,
    )  # fmt: skip


def _span(keys: tuple[str, ...]) -> str:
    return keys[0] if len(keys) == 1 else f"{keys[0]} to {keys[-1]}"


def places_a_year(data: StudyData) -> Result:
    """Return specialist places needed a year, by definition (``homes_places_a_year``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns and assessments; ``attributes``, ``provision`` and
        ``referrals`` give further rows.

    Returns
    -------
    Result
        By definition: placements or requests in the last full years (``over_n``), number a year
        with its 95% interval, and what a document prints for that kind of place.
    """
    basis = with_windows(data)
    begun = Begun.of(data)
    title = "Specialist places needed a year, by what is counted"
    counted = Measure("over_n", "In the years", "episodes")
    subtitle = f"Placements begun and requests, {basis.study.authority.name}"
    if not begun.windows:
        return unavailable(basis, PLACES, title, subtitle, counted, _NO_YEAR)
    found = _counts(data, begun)
    period = f"{begun.windows[0].key}_{begun.windows[-1].key}"
    span = _span(tuple(w.key for w in begun.windows))
    rows = []
    for key in (k for k in ROWS if k in found):
        mean, low, high = yearly(found[key])
        rows.append({
            "group": key, "period": period, "over_n": int(found[key].sum()), "a_year": mean,
            "a_year_lower": low, "a_year_upper": high,
        })  # fmt: skip
    table = pd.DataFrame(rows)
    table["expected_a_year"] = table["expected_a_year_lower"] = table["expected_a_year_upper"] = (
        np.nan
    )
    if begun.alike.enough:
        names = ["expected_a_year", "expected_a_year_lower", "expected_a_year_upper"]
        table.loc[table["group"] == "begun_foster", names] = _expected(data, begun)
    return Result(
        name=PLACES,
        title=title,
        subtitle=f"{subtitle}, {span}",
        table=wide_rows(table, ["group", "period"]),
        measures=(
            counted,
            Measure("a_year", "A year", "a_year", "", ("over_n",)),
            Measure("expected_a_year", "Expected a year, all assessed", "a_year", "", ("over_n",)),
        ),
        labels={**{k: w for k, (_, w) in ROWS.items()}, period: span, "group": "What is counted"},
        source=f"{basis.source}; needs assessments, attributes, provision, requests",
        layout=Layout(rows=("group",), columns=("measure",), measures=_SHOWN),
        row_notes={"Printed": _printed(data, list(table["group"]))},
        text=_said(period, set(table["group"]), begun.alike.enough),
        notes=_notes(data, found),
        settings={**basis.settings(), "years": YEARS, "draws": DRAWS},
        scope=SERVED,
    )


_SHOWN = (
    "over_n", "a_year", "a_year_lower_95", "a_year_upper_95",
    "expected_a_year", "expected_a_year_lower_95", "expected_a_year_upper_95",
)  # fmt: skip


def _counts(data: StudyData, begun: Begun) -> dict[str, Counts]:
    """Return counts by year of each definition that the study's inputs allow."""
    f = begun.frame
    home, known = f["home"].to_numpy(), f["assessed"].to_numpy()
    found = {"begun": begun.by_year(home), "begun_assessed": begun.by_year(home & known)}
    if begun.alike.enough:
        likelier = np.zeros(len(f), dtype=bool)
        likelier[known] = begun.alike.chance < EVEN
        found["begun_foster"] = begun.by_year(home & likelier)
    found["step_down"] = begun.by_year(~home & f["from_home"].to_numpy())
    _, special = thresholds(data.study.assessment)
    severe = (begun.levels >= special).any(axis=1).to_numpy()
    found["begun_specialist"] = begun.by_year(home & severe)
    if data.has("attributes"):
        found["begun_solo"] = begun.by_year(home & solo_on(data, f["child"], f["start"]))
    if data.has("provision"):
        found["begun_small"] = begun.by_year(home & small_on(data, f["urn"], f["start"]))
    try:
        keys, placed = _asked(data)
    except InputMissing:
        return found
    if keys != tuple(w.key for w in begun.windows):
        return found  # other years cannot stand beside these
    year = placed["year"].map({k: i for i, k in enumerate(keys)}).to_numpy(dtype=np.int64)
    chosen = {"asked_foster": ((placed["of"] == FOSTER) & (placed["to"] == HOME)).to_numpy()}
    if placed["feature"].notna().any():
        chosen |= {k: placed["feature"].isin(v).to_numpy() for k, v in _FEATURES.items()}
    return found | {k: np.bincount(year[m], minlength=len(keys)) for k, m in chosen.items()}


def _expected(data: StudyData, begun: Begun) -> tuple[float, float, float]:
    """Return the yearly number of placements in homes that children alike begin in foster care.

    Children are weighed anew in what is learned and in what is counted; those not assessed are
    taken to be like those who are.
    """
    alike = begun.alike
    every, known = int(begun.frame["home"].sum()), int(alike.home.sum())
    scale = every / known / len(begun.windows)
    weight, chance = alike.again(DRAWS, np.random.default_rng([data.study.seed, 31]))
    draws = ((1 - chance) * weight)[:, alike.home].sum(axis=1) * scale
    here = float((1 - alike.chance)[alike.home].sum() * scale)
    low, high = np.quantile(draws, [0.025, 0.975])
    return here, float(low), float(high)


def _printed(data: StudyData, groups: list[str]) -> dict[str, str]:
    """Return what documents print of the kind of place that each row is a reading of."""
    if not data.has("cited"):
        return {}
    cited = data.cited.frame
    said: dict[str, list[str]] = {}
    for key, (kind, _) in PRINTED.items():
        rows = cited[cited["id"].astype(str) == key]
        for value, where, period in zip(
            rows["value"], rows["reference"].astype(str), rows["period"].astype(str), strict=True
        ):
            said.setdefault(kind, []).append(f"{value:g} a year ({period}, {where})")
    return {g: "; ".join(said[ROWS[g][0]]) for g in groups if ROWS[g][0] in said}


def _said(period: str, groups: set[str], enough: bool) -> tuple[Sentence, ...]:
    out = []
    if "begun_foster" in groups and enough:
        names = ("expected_a_year", "expected_a_year_lower_95", "expected_a_year_upper_95")
        out.append(
            Sentence(
                "Of placements begun in homes, {mean} a year ({low} to {high}) would have begun in "
                "foster care if children with like needs are the measure: the most that "
                "specialist foster care could take.",
                {
                    k: figure_id(PLACES, m, "begun_foster", period)
                    for k, m in zip(("mean", "low", "high"), names, strict=True)
                },
            )
        )
    if "begun_solo" in groups:
        names = ("a_year", "a_year_lower_95", "a_year_upper_95")
        out.append(
            Sentence(
                "Placements begun in homes for children whose care plan asks for a solo placement: "
                "{mean} a year ({low} to {high}).",
                {
                    k: figure_id(PLACES, m, "begun_solo", period)
                    for k, m in zip(("mean", "low", "high"), names, strict=True)
                },
            )
        )
    return tuple(out)


def _notes(data: StudyData, found: Mapping[str, Counts]) -> tuple[str, ...]:
    gone = [ROWS[k][1] for k in ROWS if k not in found]
    return (
        "A placement begins where a child moves into it, temporary moves left out. Needs are those "
        f"of the last assessment up to {AFTER_DAYS} days after.",
        "Intervals are 95%: of the mean of counts that differ from year to year, and, where "
        "chances of a home are summed, of what other children would have taught.",
        "What documents print does not say how it was counted: each row is a reading of it, and "
        "none can be said to be theirs. Whether a model of care is clinically validated, and "
        "whether a child has been through trauma, no input says: that cannot be checked.",
        *((f"Not counted, for want of an input: {'; '.join(gone)}.",) if gone else ()),
    )
