"""Chapter 45: approvals and enquiries a year that a target takes, and the share that follows."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from needs.care.results_mix import placement_mix
from needs.care.rows import unavailable, wide_rows
from needs.sufficiency.fostering.ahead import Ahead, enquiries_for, needed
from needs.sufficiency.fostering.pipeline import Pipeline
from needs.sufficiency.fostering.results_ahead import NONE
from needs.sufficiency.fostering.results_stock import FLOW, REACHED, STOCK, year_keys
from needs.sufficiency.fostering.results_years import expected_share
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Layout, Measure, Result, Sentence, figure_id

__all__ = ["TARGET", "target"]

TARGET = "foster_target"
OWN = "mainstream"
_CHANCES = (50, 80, 90)
_AIMS = {"places": "Places aimed at", "share": "Share aimed at"}
_MEASURES = (
    Measure("aim_places_n", "Approved places then", "places"),
    Measure("chance_as_now_pct", "Chance, with approvals as they go", "percent"),
    *(Measure(f"approvals_{c}", f"Approvals a year, {c}% sure", "households") for c in _CHANCES),
    *(Measure(f"enquiries_{c}", f"Enquiries a year, {c}% sure", "households") for c in _CHANCES),
)
_NO_AIM = "The study file names no aim: section [fostering], places_more or share_pct."
_NOTES = (
    "Approvals are counted before anybody leaves: the households of today and the new ones leave "
    "as households have left, with all that is not known of it, so that what is asked for is "
    "net of deregistrations. New households have the places that households have had.",
    "Enquiries are approvals over the chance that an enquiry leads to approval within two years. "
    "A cross: no number of approvals a year that was looked at, four hundred at most, is enough.",
    "A share aimed at is of children in foster care as they are today, with own mainstream places "
    "as full as they are today; the table below has the share that recruitment as now leads to.",
    "Chapter seventy's plan takes approvals and departures a year as stated there and sets their "
    "difference against households at the start; here households leave by the years since "
    "approval, so that more recruited means more leaving, and the two differ by it.",
)


@STUDY.followed_by
def target(data: StudyData) -> Result:
    """Return the recruitment that the study's aims take (``foster_target``).

    Parameters
    ----------
    data : StudyData
        A study with a table of carers, SSDA903 returns, and section ``[fostering]``.

    Returns
    -------
    Result
        By aim (``group``): places aimed at, the chance to get there with approvals as they go, and
        approvals and enquiries a year that get there with chances of 50, 80 and 90%.
    """
    pipeline, found = Pipeline.of(data), Ahead.of(data)
    basis = pipeline.basis
    title = "What it takes to reach an aim"
    subtitle = f"Mainstream households to be approved a year, {basis.study.authority.name}"
    aims = dict(_aims(data, pipeline))
    if found is None or OWN not in found.fits or not aims:
        why = NONE if aims or found is None else _NO_AIM
        return unavailable(basis, TARGET, title, subtitle, _MEASURES[1], why)
    wide = pd.DataFrame([_row(data, found, aim, places) for aim, places in aims.items()])
    table = wide_rows(wide, ["group"])
    days, years = year_keys(pipeline)
    first = (
        figure_id(STOCK, "households_n", OWN, days[-1]),
        figure_id(FLOW, REACHED, OWN, years[-1], "approval"),
    )
    mix = _children(data)
    keys = table[["measure", "group"]].itertuples(index=False)
    return Result(
        name=TARGET,
        title=title,
        subtitle=subtitle,
        table=table,
        measures=_MEASURES,
        labels=_AIMS,
        source=f"{basis.study.authority.short_name}: foster carer pipeline; simulation",
        layout=Layout(rows=("measure",), columns=("group",)),
        text=tuple(_said(data, list(aims))),
        notes=(
            *_NOTES,
            *([data.study.fostering.source + "."] if data.study.fostering.source else []),
        ),
        settings=basis.settings() | {"fostering": data.study.fostering.model_dump()},
        leans_on={
            figure_id(TARGET, m, g): (*first, *(mix if g == "share" else ())) for m, g in keys
        },
        scope="Foster households.",
    )


def _aims(data: StudyData, pipeline: Pipeline) -> Iterator[tuple[str, float]]:
    """Yield the aims in approved places."""
    aim, own = data.study.fostering, pipeline.of_group(OWN)
    now = float((own.approved_on([own.day])[:, 0] * own.rows["places"].fillna(0)).sum())
    if aim.places_more:
        yield "places", now + aim.places_more
    share = expected_share(data)
    if aim.share_pct and share:
        yield "share", np.ceil(now * aim.share_pct / share)


def _children(data: StudyData) -> tuple[str, ...]:
    table = placement_mix(data).table
    day = Pipeline.of(data).basis.date_keys[-1]
    types = ("in_house_foster", "all_fostering")
    here = table[table["measure"].eq("children_n") & table["group"].isin(types)]
    named = here.loc[here["period"] == day, "group"]
    return tuple(figure_id("cla_placement_mix", "children_n", g, day) for g in named)


def _row(data: StudyData, found: Ahead, aim: str, places: float) -> dict[str, object]:
    fit, years, seed = found.fits[OWN], data.study.fostering.years, data.study.seed
    own = found.pipeline.of_group(OWN)
    asked = {c: needed(fit, places, years, c / 100, seed) for c in _CHANCES}
    return {
        "group": aim,
        "aim_places_n": places,
        "chance_as_now_pct": 100
        * float((found.futures[OWN].places[:, years - 1] >= places).mean()),
        **{f"approvals_{c}": n for c, n in asked.items()},
        **{f"enquiries_{c}": enquiries_for(own, n) for c, n in asked.items()},
    }


def _said(data: StudyData, aims: list[str]) -> Iterator[Sentence]:
    last = Pipeline.of(data).day
    then = pd.Timestamp(last, unit="D") + pd.DateOffset(years=data.study.fostering.years)
    for aim in aims:
        yield Sentence(
            "{aim} by {day}: {approvals} approvals a year, from {enquiries} enquiries, get there "
            "with four chances in five; with approvals as they go the chance is {chance}.",
            {
                "approvals": figure_id(TARGET, "approvals_80", aim),
                "enquiries": figure_id(TARGET, "enquiries_80", aim),
                "chance": figure_id(TARGET, "chance_as_now_pct", aim),
            },
            {"aim": _AIMS[aim], "day": f"{then.day} {then:%b} {then.year}"},
        )
