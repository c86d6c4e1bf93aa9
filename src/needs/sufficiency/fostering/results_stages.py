"""Chapter 45: chances and times from enquiry to approval, and how long households serve."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pandas as pd

from needs.care.rows import unavailable, wide_rows
from needs.sufficiency.fostering.model import BANDS
from needs.sufficiency.fostering.pipeline import YEAR, Pipeline
from needs.sufficiency.fostering.results_ahead import NONE
from needs.sufficiency.fostering.results_stock import FLOW, REACHED, labels, year_keys
from needs.sufficiency.fostering.stages import MONTH, going_on, incidence, staying
from needs.vocabulary.kin import STUDY
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Layout, Measure, Result, Sentence, figure_id

__all__ = ["conversion", "service"]

STAGES, SERVICE, HAZARD = "foster_stages", "foster_service", "foster_hazard"
_STEPS = {
    "applied": ("enquiry", "application", "From enquiry to application"),
    "approved": ("application", "approval", "From application to approval"),
    "whole": ("enquiry", "approval", "From enquiry to approval"),
}
_AT = (6, 12, 24)
_SERVED = (1, 3, 5)
_BANDS = {
    "band_0": "In the first year after approval",
    "band_1": "In the second and third year",
    "band_3": "In the fourth to sixth year",
    "band_6": "After that",
}


@STUDY.followed_by
def conversion(data: StudyData) -> Result:
    """Return chances and times from stage to stage (``foster_stages``).

    Parameters
    ----------
    data : StudyData
        A study with a table of carers and SSDA903 returns.

    Returns
    -------
    Result
        By step (``group``): chance that it is made within 6, 12 and 24 months, days that half of
        those who made it took, and the share that the same years' counts would give.
    """
    pipeline = Pipeline.of(data)
    basis = pipeline.basis
    title = "From one stage to the next"
    subtitle = f"Foster households, {basis.study.authority.name}"
    chance = Measure("within_24_pct", "Within two years", "percent", "who began")
    if not pipeline.ends():
        return unavailable(basis, STAGES, title, subtitle, chance, NONE)
    wide = pd.DataFrame([_step(pipeline, key) for key in _STEPS])
    table = wide_rows(wide, ["group"])
    return Result(
        name=STAGES,
        title=title,
        subtitle=subtitle,
        table=table,
        measures=(
            Measure("within_6_pct", "Within six months", "percent", "who began"),
            Measure("within_12_pct", "Within a year", "percent", "who began"),
            chance,
            Measure("half_days", "Half of those who went on took no longer than", "days"),
            Measure("ratio_pct", "One count over the other, same years", "percent"),
        ),
        labels={k: words for k, (_, _, words) in _STEPS.items()},
        source=f"{basis.study.authority.short_name}: foster carer pipeline",
        layout=Layout(rows=("group",), columns=("measure",)),
        text=(
            Sentence(
                "Of enquiries, {chance} lead to approval within two years.",
                {"chance": figure_id(STAGES, "within_24_pct", "whole")},
            ),
        ),
        notes=(
            "Cumulative incidence (Aalen and Johansen): who is still waiting counts as long as "
            "seen, who ended without approval can no longer go on. The last column is what is "
            "often printed: it sets approvals against enquiries of the same years, whose "
            "approvals are partly still to come.",
            "Who began in the years that the table covers. A dash: nobody was seen for so long.",
        ),
        settings=basis.settings(),
        leans_on=dict(_stage_leans(pipeline, table)),
        scope="Foster households.",
    )


def _step(pipeline: Pipeline, key: str) -> dict[str, object]:
    begin, end, _ = _STEPS[key]
    ends = pipeline.ends()
    since = ends[0] - round(YEAR)
    frame = going_on(pipeline, begin, end, since)
    days, event = frame["days"].to_numpy(dtype=float), frame["event"].to_numpy()
    chances = 100 * incidence(days, event, [m * MONTH for m in _AT])
    began = pipeline.counts(begin, ends).sum()
    reached = pipeline.counts(end, ends).sum()
    return {
        "group": key,
        **{f"within_{m}_pct": c for m, c in zip(_AT, chances, strict=True)},
        "half_days": float(np.median(days[event == 1])) if (event == 1).any() else np.nan,
        "ratio_pct": 100 * reached / began if began else np.nan,
    }


def _stage_leans(pipeline: Pipeline, table: pd.DataFrame) -> Iterator[tuple[str, tuple[str, ...]]]:
    last = year_keys(pipeline)[1][-1]
    for m, g in table[["measure", "group"]].itertuples(index=False):
        begin, end, _ = _STEPS[g]
        counts = tuple(figure_id(FLOW, REACHED, ALL, last, s) for s in (begin, end))
        yield figure_id(STAGES, m, g), counts


@STUDY.followed_by
def service(data: StudyData) -> tuple[Result, ...]:
    """Return how long households serve, and who leaves when (``foster_service``).

    Parameters
    ----------
    data : StudyData
        A study with a table of carers and SSDA903 returns.

    Returns
    -------
    tuple of Result
        ``foster_service``, by kind (``group``): chance of serving one, three and five years and the
        median; ``foster_hazard``, by kind and years since approval (``by``): deregistrations of a
        hundred households in a year.
    """
    pipeline = Pipeline.of(data)
    basis = pipeline.basis
    title = "How long households foster"
    subtitle = f"Years from approval to deregistration, {basis.study.authority.name}"
    median = Measure("half_years", "Half serve longer than", "years")
    if not pipeline.ends():
        return (unavailable(basis, SERVICE, title, subtitle, median, NONE),)
    groups = {**{g: pipeline.of_group(g) for g in pipeline.groups()}, ALL: pipeline}
    wide = pd.DataFrame([_served(g, p) for g, p in groups.items()])
    bands = pd.concat([_hazards(g, p) for g, p in groups.items()], ignore_index=True)
    table = wide_rows(wide, ["group"])
    rates = wide_rows(bands, ["group", "by"])
    last = year_keys(pipeline)[1][-1]
    made = Result(
        name=SERVICE,
        title=title,
        subtitle=subtitle,
        table=table,
        measures=(
            *(Measure(f"serve_{y}_pct", f"Serve more than {y} y.", "percent") for y in _SERVED),
            median,
        ),
        labels={**labels(pipeline), **_BANDS},
        source=f"{basis.study.authority.short_name}: foster carer pipeline",
        layout=Layout(rows=("group",), columns=("measure",)),
        text=(
            Sentence(
                "Half of all approved households would serve longer than {years} years.",
                {"years": figure_id(SERVICE, "half_years")},
            ),
        ),
        notes=(
            "Product-limit estimate (Kaplan and Meier); households approved before the years that "
            "the table covers enter when these begin, and those approved now have not left.",
        ),
        settings=basis.settings(),
        leans_on=_left_leans(SERVICE, table, last),
        scope="Foster households.",
    )
    other = replace(
        made,
        name=HAZARD,
        title="When households leave",
        subtitle=f"Deregistrations by years since approval, {basis.study.authority.name}",
        table=rates,
        measures=(Measure("gone_each_100", "Deregistered in a year, of a hundred", "a_year"),),
        layout=Layout(rows=("group",), columns=("by",)),
        text=(),
        notes=(
            "Deregistrations over the years that households were approved, in the years that the "
            "table covers; a dash where these were few.",
        ),
        leans_on=_left_leans(HAZARD, rates, last),
    )
    return made, other


def _left_leans(name: str, table: pd.DataFrame, last: str) -> dict[str, tuple[str, ...]]:
    keys = table[["measure", "group", "by"]].itertuples(index=False)
    return {
        figure_id(name, m, g, by=b): (figure_id(FLOW, REACHED, g, last, "deregistration"),)
        for m, g, b in keys
    }


def _served(group: str, part: Pipeline) -> dict[str, object]:
    since = part.ends()[0] - round(YEAR) if part.ends() else part.day
    chances, middle = staying(part, since, _SERVED)
    told = {f"serve_{y}_pct": 100 * c for y, c in zip(_SERVED, chances, strict=True)}
    return {"group": group, **told, "half_years": middle}


def _hazards(group: str, part: Pipeline) -> pd.DataFrame:
    years, gone = part.exposure(part.ends() or [part.day], BANDS)
    total = years.sum(axis=1)
    least = total >= part.basis.study.disclosure.threshold
    rate = np.where(least, 100 * gone.sum(axis=1) / np.maximum(total, 1e-9), np.nan)
    return pd.DataFrame({"group": group, "by": list(_BANDS), "gone_each_100": rate})
