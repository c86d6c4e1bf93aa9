"""Chapter 30 and annexes 3 and 4: average scores by age, by age group and sex, by provision.

Document 002 prints the pictures of its chart 1 and of its appendices 3 and 4, and no number of
them. They are built here from their titles.
"""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from needs.care.ages import AGE_BANDS
from needs.care.words import SEX_WORDS
from needs.profiles.needs_basis import Needs
from needs.profiles.results_placement import SCORES, filled_scores, score_notes
from needs.profiles.withheld import on_coverage, withheld
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Chart, Layout, Result, Sentence, figure_id

__all__ = ["by_age", "by_age_and_sex", "by_provision"]

_ENDS = ("", "_lower_95", "_upper_95")
_SHOWN = tuple(f"{m}{e}" for m in ("needs_mean", "total_mean") for e in _ENDS)
_MEASURES = (SCORES["needs_mean"], SCORES["total_mean"])
_OF_TOTAL = (
    "The total score is the sum of the levels of all domains, each counted from no need upwards, "
    "whatever the direction of the tool's scale; every domain weighs the same."
)


def _of(data: StudyData, needs: Needs, by: pd.Series) -> pd.DataFrame:
    """Return scores by group with gaps filled in."""
    found = filled_scores(data, needs, by)
    kept = [m.key for m in _MEASURES]
    names = [f"{m}{end}" for m in kept for end in ("", "_lower", "_upper")]
    out: pd.DataFrame = found.loc[found["method"] == "filled", ["group", "assessed_n", *names]]
    return out.assign(period=needs.period)


def by_age(data: StudyData) -> Result:
    """Return average needs by year of age: chart 1 of document 002.

    Returns
    -------
    Result
        ``needs_by_age``: by year of age: average number of needs and total score.
    """
    needs = Needs.of(data)
    age = needs.of_assessed("age")
    key = ("years_" + age.astype(int).astype(str).str.zfill(2)).where(age >= 0)
    frame = _of(data, needs, key)
    years = {str(g): str(int(str(g)[-2:])) for g in frame["group"] if str(g) != ALL}
    where = needs.subtitle("Children looked after, latest assessment, by age on the day")
    made = Result(
        name="needs_by_age",
        title="Average needs by age",
        subtitle=where,
        table=withheld(frame, ["period", "group"], needs),
        measures=_MEASURES,
        labels={**dict(sorted(years.items())), ALL: "All ages", **needs.labels, "group": "Age"},
        source=needs.source,
        layout=Layout(("group",), ("measure",), _SHOWN),
        text=_peak(needs, frame),
        charts=(
            Chart(
                "by_age",
                "line",
                "needs_mean",
                "Average number of needs by age",
                where,
                "A line with a point for each year of age: average number of needs.",
                x="group",
                series="by",
                include={"group": tuple(sorted(years))},
            ),
        ),
        notes=(_OF_TOTAL, *score_notes(needs)),
        settings=needs.settings,
    )
    return on_coverage(made, needs)


def _peak(needs: Needs, frame: pd.DataFrame) -> tuple[Sentence, ...]:
    """Return where the average is highest and lowest among ages that may be shown."""
    least = needs.care.study.disclosure.threshold
    shown = frame[(frame["group"] != ALL) & (frame["assessed_n"] >= max(2, least))]
    if len(shown) < 3:
        return ()
    means = shown.set_index("group")["needs_mean"]
    top, low = str(means.idxmax()), str(means.idxmin())

    def ref(group: str) -> str:
        return figure_id("needs_by_age", "needs_mean", group, needs.period)

    return (
        Sentence(
            "The average number of needs is lowest at age {low}, {few}, and highest at age {top}, "
            "{most}.",
            {"few": ref(low), "most": ref(top)},
            {"low": str(int(low[-2:])), "top": str(int(top[-2:]))},
        ),
    )


def by_age_and_sex(data: StudyData) -> Result:
    """Return average needs by age group and sex: appendix 3 of document 002.

    Returns
    -------
    Result
        ``needs_age_sex``: by age band and sex (``by``): average number of needs and total score.
    """
    needs = Needs.of(data)
    band, sex = needs.of_assessed("age_band"), needs.of_assessed("sex")
    both = band.astype(str) + "|" + sex.astype(str)
    parts = [_of(data, needs, by) for by in (both, band, "all|" + sex.astype(str))]
    frame = pd.concat(parts).drop_duplicates("group").reset_index(drop=True)
    split = frame["group"].astype(str).str.split("|", expand=True).reindex(columns=[0, 1])
    frame = frame.assign(group=split[0], by=split[1].where(split[1].notna(), ALL))
    # Beside the whole band, one sex would tell of the few of the other.
    apart = frame["by"] != ALL
    least = frame[apart].groupby("group")["assessed_n"].transform("min")
    frame["assessed_n"] = least.reindex(frame.index).where(apart, frame["assessed_n"])
    where = needs.subtitle("Children looked after, latest assessment")
    sexes = [s for s in SEX_WORDS if s in set(frame["by"]) and s != "unknown"]
    made = Result(
        name="needs_age_sex",
        title="Needs score by age group and gender",
        subtitle=where,
        table=withheld(frame, ["period", "group", "by"], needs),
        measures=_MEASURES,
        labels={
            **AGE_BANDS, ALL: "All", **SEX_WORDS, **needs.labels,
            "group": "Age group", "by": "Gender",
        },
        source=needs.source,
        layout=Layout(("group", "by"), ("measure",), _SHOWN),
        charts=(
            Chart(
                "age_sex",
                "bar",
                "total_mean",
                "Average total score by age group and gender",
                where,
                "Bars, two for each age group, one for girls and one for boys: average total "
                "score.",
                x="group",
                series="by",
                include={"by": tuple(sexes)},
            ),
        ),
        notes=(_OF_TOTAL, *score_notes(needs)),
        settings=needs.settings,
    )  # fmt: skip
    return on_coverage(made, needs)


def by_provision(data: StudyData) -> Result:
    """Return average needs by the study's own placement types: appendix 4 of document 002.

    Returns
    -------
    Result
        ``needs_provision``: by own placement type: average number of needs and total score.
    """
    needs = Needs.of(data)
    frame = _of(data, needs, needs.of_assessed("type"))
    types = {t.key: t.label for t in needs.care.study.categories.types}
    where = needs.subtitle("Children looked after, latest assessment")
    made = Result(
        name="needs_provision",
        title="Needs score by provision type",
        subtitle=where,
        table=withheld(frame, ["period", "group"], needs),
        measures=_MEASURES,
        labels={**types, ALL: "All", **needs.labels, "group": "Provision"},
        source=needs.source,
        layout=Layout(("group",), ("measure",), _SHOWN),
        charts=(
            Chart(
                "provision",
                "bar",
                "total_mean",
                "Average total score by provision type",
                where,
                "Bars, one for each type of provision and one for all children: average total "
                "score.",
                x="group",
                series="by",
            ),
        ),
        notes=(
            _OF_TOTAL,
            "Provision types are those of the study's category map.",
            *score_notes(needs),
        ),
        settings=needs.settings,
    )
    # An average says that so many are assessed: where the children of a type are withheld, it is.
    day = needs.care.date_keys[-1]
    made = on_coverage(made, needs)
    named = {i: i.split(".")[2] for i in made.leans_on}
    leans = {
        i: (*on, figure_id("cla_placement_mix", "children_n", named[i], day))
        for i, on in made.leans_on.items()
    }
    return replace(made, leans_on=leans)
