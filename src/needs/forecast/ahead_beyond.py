"""Chapter 50 from records: care leavers by entitlement, and places from 16 to 25."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.forecast.ahead import Ahead
from needs.forecast.flow.leavers import KINDS, Beyond, Shares
from needs.vocabulary.errors import InputMissing
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Layout, Measure, Result, Sentence, figure_id, long_table
from needs.vocabulary.units import round_half_up

__all__ = ["beyond_18"]

OUTWARD = 5
"""Numbers are of young people of whom few may be of a kind: all are rounded to multiples of it."""

ENTITLED = {
    "eligible": "Eligible: in care at 16 or 17",
    "relevant": "Relevant: left at 16 or 17, not yet 18",
    "former_relevant_18_20": "Former relevant, 18 to 20",
    "former_relevant_21_24": "Former relevant, 21 to 24: all who may ask for support",
}
PLACES = {
    "supported_16": "In care, in supported accommodation (flow model alone)",
    "staying_put": "Staying put with former foster carers",
    "supported_18": "Care leavers in supported accommodation, 18 to 24",
}
_NOT_THE_LIST = (
    "These are not the people on the service's list in chapter 20: entitlement is worked out here "
    "from the returns, for a day to come, and the list has, of those of 21 and over, only the ones "
    "who asked. The two are alike up to 20; above it this is what could be asked for, and the list "
    "what was. Neither is to be read as the other's past or future."
)
_ALONE = (
    "Young people in care who live in supported accommodation stand in the demand table too, and "
    "the two differ: there several methods are put together by how well each did in past years, "
    "and numbers are not rounded. Here the flow model speaks alone, since it alone follows young "
    "people from care to what comes after eighteen, and a row is to be added to the rows below it. "
    "For how many places to plan in care, take the demand table."
)
WHO = {"all": "All", "uasc": "of these, unaccompanied when they came"}
Floats = npt.NDArray[np.floating]


def beyond_18(data: StudyData) -> tuple[Result, ...]:
    """Return care leavers by entitlement and places from 16 to 25 on the days ahead.

    Nothing where the flow model could not be fitted.

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns; with ``care_leavers``, places from 18 on are told.

    Returns
    -------
    tuple of Result
        ``ahead_leavers``: ``people_n`` by entitlement (group), all and unaccompanied (by), with
        ``lower_80`` and ``upper_80``; ``ahead_places``: ``places_n`` by kind of place. Rows with
        fewer than a count needs to be shown are left out; numbers are multiples of five.
    """
    ahead = Ahead.of(data)
    if ahead.model is None:
        return ()
    outlook, study = ahead.outlook, data.study
    rng = np.random.default_rng([study.seed, 3])
    draws = study.forecast.tested_draws
    found = ahead.model.beyond_18(outlook.days, draws, rng, shares=_shares(data, ahead))
    return _entitled(ahead, found), _places(ahead, found)


def _shares(data: StudyData, ahead: Ahead) -> Shares | None:
    """Return where care leavers live, if the study has a list of them."""
    try:
        return Shares.of(ahead.history, data.care_leavers.frame)
    except InputMissing:
        return None


def _rows(ahead: Ahead, draws: Floats, least: float) -> pd.DataFrame:
    """Return rounded means and ends by day; none where fewer than ``least`` are expected."""
    mean = draws.mean(axis=0, dtype=float)
    if mean.min() < least:
        return pd.DataFrame()
    low, high = np.percentile(draws, [10, 90], axis=0) / OUTWARD
    return pd.DataFrame(
        {
            "period": ahead.outlook.ahead,
            "value": [OUTWARD * float(round_half_up(m / OUTWARD)) for m in mean],
            "lower_80": OUTWARD * np.floor(low),
            "upper_80": OUTWARD * np.ceil(high),
        }
    )


def _entitled(ahead: Ahead, found: Beyond) -> Result:
    frames = []
    for kind in KINDS:
        both = found.entitled[kind]
        for who, draws in (("all", both.sum(axis=2)), ("uasc", both[:, :, 1])):
            made = _rows(ahead, draws, ahead.outlook.least)
            if len(made):
                frames.append(made.assign(group=kind, by=who, measure="people_n"))
    return _result(
        ahead,
        "ahead_leavers",
        "Care leavers by entitlement in the years ahead",
        frames,
        Measure("people_n", "Young people", "people_forecast"),
        ENTITLED | WHO | {"group": "Entitlement", "by": "Of whom"},
        Layout(("group", "by", "measure"), ("period",), _ranged("people_n")),
        (
            "Entitlements are those of the Children Act 1989, sections 23A to 23CZB: at least "
            "thirteen weeks in care from fourteen on. From 21 on, support is given to those who "
            "ask for it: here all who may ask are counted.",
            _NOT_THE_LIST,
            *found.notes,
        ),
    )


def _places(ahead: Ahead, found: Beyond) -> Result:
    given = {
        "supported_16": found.supported_16,
        "staying_put": found.staying_put,
        "supported_18": found.supported_18,
    }
    frames = []
    for kind, draws in given.items():
        if draws is None:
            continue
        made = _rows(ahead, draws, ahead.outlook.least)
        if len(made):
            frames.append(made.assign(group=kind, measure="places_n"))
    untold = [PLACES[k] for k, d in given.items() if d is None]
    why = (f"Not told for want of a list of care leavers: {'; '.join(untold)}.",) if untold else ()
    return _result(
        ahead,
        "ahead_places",
        "Places from 16 to 25 in the years ahead",
        frames,
        Measure("places_n", "Places", "places"),
        PLACES | {"group": "Place"},
        Layout(("group", "measure"), ("period",), _ranged("places_n")),
        (_ALONE, *why, *found.notes),
    )


def _ranged(measure: str) -> tuple[str, ...]:
    return (measure, f"{measure}_lower_80", f"{measure}_upper_80")


def _result(
    ahead: Ahead,
    name: str,
    title: str,
    frames: list[pd.DataFrame],
    measure: Measure,
    labels: dict[str, str],
    layout: Layout,
    notes: tuple[str, ...],
) -> Result:
    basis, outlook = ahead.outlook.basis, ahead.outlook
    empty = pd.DataFrame({"measure": [], "value": []})
    return Result(
        name=name,
        title=title,
        subtitle=f"Young people on the day, forecast, {basis.study.authority.name}",
        table=long_table(pd.concat(frames, ignore_index=True) if frames else empty),
        measures=(measure,),
        labels={**labels, **outlook.labels},
        source=basis.source,
        layout=layout,
        text=_said(ahead, name, measure.key, frames, labels),
        notes=(
            "From the flow model. All numbers are rounded to multiples of five, low and high "
            "outward; rows with few are left out. Such ranges have not been tested on past years.",
            *notes,
        ),
        settings={
            **basis.settings(),
            "method": "flow",
            "draws": basis.study.forecast.tested_draws,
        },
    )


def _said(
    ahead: Ahead,
    name: str,
    measure: str,
    frames: list[pd.DataFrame],
    labels: dict[str, str],
) -> tuple[Sentence, ...]:
    """Return each row over all in words, first and last day; or that none can be shown."""
    days = ahead.outlook.ahead
    said = []
    for f in frames:
        group, by = str(f["group"].iloc[0]), str(f["by"].iloc[0]) if "by" in f else ""
        if by == "uasc":
            continue

        def ref(measure: str, day: str, group: str = group, by: str = by) -> str:
            return figure_id(name, measure, group, day, by)

        said.append(
            Sentence(
                "“{kind}”: about {n} on {first} and {last_n} on {last}, between {low} and {high}.",
                {
                    "n": ref(measure, days[0]),
                    "last_n": ref(measure, days[-1]),
                    "low": ref(f"{measure}_lower_80", days[-1]),
                    "high": ref(f"{measure}_upper_80", days[-1]),
                },
                {
                    "kind": labels[group],
                    "first": ahead.outlook.labels[days[0]],
                    "last": ahead.outlook.labels[days[-1]],
                },
            )
        )
    return tuple(said) or (Sentence("Nothing is shown: too few are expected of any kind."),)
