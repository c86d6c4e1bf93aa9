"""Chapter 45: how old carers are, and who may retire."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from needs.care.rows import wide_rows
from needs.sufficiency.fostering.pipeline import YEAR, Pipeline
from needs.sufficiency.fostering.results_stock import CARERS
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
)

__all__ = ["age_profile"]

AGES, RETIRING = "foster_ages", "foster_retiring"
_BANDS = {
    "under_35": "Under thirty-five",
    "from_35": "Thirty-five to forty-four",
    "from_45": "Forty-five to fifty-four",
    "from_55": "Fifty-five to sixty-four",
    "from_65": "Sixty-five and over",
    "not_said": "Not recorded",
}
_FROM = {"under_35": 21.0, "from_35": 35.0, "from_45": 45.0, "from_55": 55.0, "from_65": 65.0}
_WIDE = {"under_35": 14.0, "from_35": 10.0, "from_45": 10.0, "from_55": 10.0, "from_65": 5.0}
RETIRES = 70.0
"""Age at which a carer is taken to retire: a rule of thumb, no rule of law."""
_SPREAD = 41
"""Ages that a band is taken to hold in equal parts."""


@CARERS
def age_profile(data: StudyData) -> tuple[Result, ...]:
    """Return approved households by age of the older carer today (``foster_ages``).

    Parameters
    ----------
    data : StudyData
        A study with a table of carers and SSDA903 returns.

    Returns
    -------
    tuple of Result
        ``foster_ages``, by age band at approval (``group``): households; ``foster_retiring``:
        of all the share that is 55 or older by now, how many reach 70 within five years, if they
        are still approved, and how many are as old by now.
    """
    pipeline = Pipeline.of(data)
    basis = pipeline.basis
    here = pipeline.rows[pipeline.approved_on([pipeline.day])[:, 0]]
    band = here["age_band"].where(here["age_band"].isin(list(_FROM)), "not_said").astype(str)
    n = band.value_counts().reindex([*_BANDS], fill_value=0)
    n = n[(n > 0) | (n.index != "not_said")]
    wide = pd.DataFrame({"group": [*n.index, ALL], "households_n": [*n, len(here)]})
    counted = wide_rows(wide, ["group"])
    made = Result(
        name=AGES,
        title="How old carers are",
        subtitle=f"Approved households by age of the older carer, {basis.study.authority.name}",
        table=counted,
        measures=(Measure("households_n", "Households, by age at approval", "carers"),),
        labels={**_BANDS, ALL: "All households"},
        source=f"{basis.study.authority.short_name}: foster carer pipeline",
        layout=Layout(rows=("group",), columns=("measure",)),
        charts=(
            Chart(
                "ages",
                "bar",
                "households_n",
                "Foster households by age of the older carer",
                f"Households approved now, by age at approval, {basis.study.authority.name}",
                "Bars, one for each age band, of approved households.",
                x="group",
                series="measure",
                include={"group": tuple(g for g in n.index)},
            ),
        ),
        additive=(Additive("group", ALL, tuple(n.index)),),
        notes=(
            "The table gives the age at approval in bands. Ages by now add the years since, and "
            "take a band to hold its ages in equal parts: so they are estimates. Nobody has to "
            "retire at seventy; it is a rule of thumb to look ahead by.",
        ),
        settings=basis.settings(),
        scope="Foster households.",
    )
    return made, _retiring(made, here, band, pipeline.day)


def _retiring(made: Result, here: pd.DataFrame, band: pd.Series, day: int) -> Result:
    """Return what the ages come to by now, as far as bands tell."""
    known = band != "not_said"
    since = (day - here.loc[known, "approval"]).to_numpy() / YEAR
    low = band[known].map(_FROM).to_numpy(dtype=float) + since
    within = band[known].map(_WIDE).to_numpy(dtype=float)
    age = low[:, None] + within[:, None] * np.linspace(0, 1, _SPREAD)
    soon = (age < RETIRES) & (age + 5 >= RETIRES)
    total = {
        "group": [ALL],
        "over_55_pct": [100 * float((age >= 55).mean()) if len(age) else np.nan],
        "retire_n": [float(soon.mean(axis=1).sum())],
        "past_n": [float((age >= RETIRES).mean(axis=1).sum())],
    }
    table = wide_rows(pd.DataFrame(total), ["group"])
    bands = made.table["group"].unique()
    return replace(
        made,
        name=RETIRING,
        title="Who may retire",
        subtitle=made.subtitle.replace("by age", "by estimated age"),
        table=table,
        measures=(
            Measure("over_55_pct", "Aged 55 or over by now", "percent", "households"),
            Measure("retire_n", "Reach 70 within five years", "households_mean"),
            Measure("past_n", "Aged 70 or over by now", "households_mean"),
        ),
        text=(
            Sentence(
                "{pct} of households have a carer of {age} or over by now; about {soon} reach "
                "{old} within five years.",
                {
                    "pct": figure_id(RETIRING, "over_55_pct"),
                    "soon": figure_id(RETIRING, "retire_n"),
                },
                {"age": "fifty-five", "old": "seventy"},
            ),
        ),
        charts=(),
        additive=(),
        leans_on={
            figure_id(RETIRING, m): tuple(figure_id(AGES, "households_n", g) for g in bands)
            for m in table["measure"]
        },
    )
