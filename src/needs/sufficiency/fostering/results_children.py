"""Chapter 45: from care by family and friends to special guardianship, and staying put."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from needs.care.placements import placement_type
from needs.care.results_flows import with_windows
from needs.care.rows import SERVED, unavailable, wide_rows
from needs.care.stays import placement_stays, stay_rule
from needs.sufficiency.fostering.pipeline import YEAR
from needs.sufficiency.fostering.stages import incidence
from needs.vocabulary.codes import code_set
from needs.vocabulary.kin import STUDY, Family, Tie
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

__all__ = ["kinship_to_guardianship", "staying_put"]

KIN, CHANCE, PUT = "foster_kin_sgo", "foster_kin_chance", "foster_staying_put"
PLACES = ("U1", "U2", "U3", "Q1")
"""Placement codes of foster care by family and friends, before and since the returns of 2014."""
_AT = (1, 2, 3, 5)
_ENDS = {"sgo": "Special guardianship", "other": "Ended otherwise", "open": "Still there"}
_CARERS = {
    "own": "Last with own foster carers",
    "agency": "Last with another's foster carers",
    "elsewhere": "Last elsewhere, or not in the returns",
}
_OWN = ("in_house_foster", "kinship")
_AGENCY = ("ifa", "other_la_foster")


def _ties(data: StudyData, results: Mapping[str, Result]) -> Iterator[Tie]:
    """Yield none: totals are of all years together, which no other table has."""
    del data, results
    return iter(())


CHILDREN = Family("foster children", _ties, STUDY)


def _stays(data: StudyData) -> pd.DataFrame:
    """Return stays with family and friends that began in the years shown: days and how they end."""
    basis = with_windows(data)
    e = basis.records.episodes
    stays = placement_stays(basis.records, basis.scope)
    begun = stays["start"] >= pd.Timestamp(basis.shown.windows[0].start)
    as_at = pd.Timestamp(basis.study.period.as_at)
    place = e["place"].astype(object).to_numpy()[stays["first"].to_numpy()]
    kept = stays[begun & (stays["start"] <= as_at) & np.isin(place, PLACES)]
    # Each child once: the first of them.
    kept = kept.sort_values(["child", "start"], kind="stable").drop_duplicates("child")
    stop = kept["stop"].where(kept["stop"] <= as_at)
    rec = e["rec"].astype(object).to_numpy()[kept["last"].to_numpy()]
    guardian = np.isin(rec, sorted(code_set("REC").in_group("sgo"))) & stop.notna().to_numpy()
    event = np.where(guardian, 1, np.where(stop.notna(), 2, 0))
    days = (stop.fillna(as_at) - kept["start"]).dt.days
    return pd.DataFrame({"days": days.to_numpy(dtype=float), "event": event})


@CHILDREN
def kinship_to_guardianship(data: StudyData) -> tuple[Result, ...]:
    """Return how care by family and friends turns into guardianship (``foster_kin_sgo``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Returns
    -------
    tuple of Result
        ``foster_kin_sgo``: children whose first placement with family or friends began in the years
        shown, by how it ended (``group``); ``foster_kin_chance``: the chance of guardianship
        within one to five years, and the days that half of those took.
    """
    basis = with_windows(data)
    found = _stays(data)
    days, event = found["days"].to_numpy(), found["event"].to_numpy()
    named = {"sgo": 1, "other": 2, "open": 0}
    n = {g: float((event == k).sum()) for g, k in named.items()} | {ALL: float(len(event))}
    counted = wide_rows(pd.DataFrame({"group": list(n), "children_n": list(n.values())}), ["group"])
    chances = 100 * incidence(days, event, [y * YEAR for y in _AT])
    half = float(np.median(days[event == 1])) if n["sgo"] else np.nan
    told = {f"within_{y}_pct": [c] for y, c in zip(_AT, chances, strict=True)}
    rest = pd.DataFrame({"group": [ALL], **told, "half_days": [half]})
    table = wide_rows(rest, ["group"])
    sgo = figure_id(KIN, "children_n", "sgo")
    made = Result(
        name=KIN,
        title="From family and friends to special guardianship",
        subtitle=basis.flow_subtitle("First placements with family or friends that began"),
        table=counted,
        measures=(Measure("children_n", "Children", "children"),),
        labels={**_ENDS, ALL: f"All {basis.label} who began one"},
        source=basis.source,
        layout=Layout(rows=("group",), columns=("measure",)),
        additive=(Additive("group", ALL, tuple(_ENDS)),),
        notes=(
            "Placements with a foster carer who is family or a friend (codes U1 to U3, Q1 in older "
            "returns) that ended with a special guardianship order, to this carer or another "
            "(reasons E43 and E44, since 2019 E45 to E48). Each child once, the first of them.",
            "Chances are cumulative incidences (Aalen and Johansen): placements that still last "
            "count as long as seen. " + stay_rule(basis.study.counting),
        ),
        settings=basis.settings(),
    )
    leans = (sgo, figure_id(KIN, "children_n", "other"))
    other = replace(
        made,
        name=CHANCE,
        title="How soon it comes to special guardianship",
        table=table,
        measures=(
            *(Measure(f"within_{y}_pct", f"Within {y} y.", "percent", "children") for y in _AT),
            Measure("half_days", "Half of those took no longer than", "days"),
        ),
        text=(
            Sentence(
                "Of placements with family or friends, {pct} turn into special guardianship within "
                "two years.",
                {"pct": figure_id(CHANCE, "within_2_pct")},
            ),
        ),
        additive=(),
        leans_on={figure_id(CHANCE, m): leans for m in table["measure"]},
    )
    return made, other


@CHILDREN
def staying_put(data: StudyData) -> Result:
    """Return young people who stay put with former foster carers (``foster_staying_put``).

    Parameters
    ----------
    data : StudyData
        A study with a list of care leavers and SSDA903 returns.

    Returns
    -------
    Result
        Young people of 18 or over on the list who stay put on the last day, by where they last
        lived in care (``group``): who last lived with own carers holds a place of these.
    """
    basis = with_windows(data)
    e = basis.records.episodes
    f = data.care_leavers.frame
    as_at = pd.Timestamp(basis.study.period.as_at)
    title = "Foster places that young people stay put in"
    subtitle = f"Staying put on the last day, {basis.study.authority.name}"
    measure = Measure("people_n", "Young people staying put", "people")
    if "staying_put" not in f:
        why = "The list of care leavers does not say who stays put."
        return unavailable(basis, PUT, title, subtitle, measure, why)
    here = (f["from"] <= as_at) & (f["to"].isna() | (f["to"] >= as_at))
    who = f.loc[here & f["staying_put"].fillna(False).astype(bool), "child"].drop_duplicates()
    order = e.reset_index(drop=True).sort_values(["child", "decom"], kind="stable")
    last = order.drop_duplicates("child", keep="last")
    kinds = placement_type(last, basis.study.categories).astype(object)
    kind = pd.Series(np.asarray(kinds), index=last["child"].to_numpy()).reindex(who)
    group = np.select([kind.isin(_OWN), kind.isin(_AGENCY)], ["own", "agency"], "elsewhere")
    n = pd.Series(group).value_counts().reindex(list(_CARERS), fill_value=0)
    wide = pd.DataFrame({"group": [*n.index, ALL], "people_n": [*n, len(who)]})
    return Result(
        name=PUT,
        title=title,
        subtitle=subtitle,
        table=wide_rows(wide, ["group"]),
        measures=(measure,),
        labels={**_CARERS, ALL: "All who stay put"},
        source=f"{basis.study.authority.short_name}: list of care leavers; {basis.source}",
        layout=Layout(rows=("group",), columns=("measure",)),
        text=(
            Sentence(
                "{n} young people stay put where they last lived with own foster carers: as many "
                "places that no child can have.",
                {"n": figure_id(PUT, "people_n", "own")},
            ),
        ),
        additive=(Additive("group", ALL, tuple(_CARERS)),),
        notes=(
            "Young people whom the list of care leavers says to stay put on the day, by their last "
            "placement in the returns. A carer may be approved for others beside them, so that a "
            "place is lost at most.",
        ),
        settings=basis.settings(),
        scope=SERVED,
    )
