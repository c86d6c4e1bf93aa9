"""Chapter 30: the groups beside those that other ways of grouping find."""

from __future__ import annotations

import numpy as np
import pandas as pd

from needs.care.rows import unavailable
from needs.profiles.crosscheck import agreed, cross_check
from needs.profiles.groups import groups_of
from needs.profiles.needs_basis import Needs
from needs.profiles.withheld import on_coverage
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Layout, Measure, Result, Sentence, long_table

__all__ = ["other_ways"]

NAME, TITLE = "needs_other_ways", "Other ways of grouping"
_AGREE = Measure("agreement", "Agreement (adjusted Rand index)", "score2")
_WORDS = {
    "medoids": "Children in the middle of groups (medoids)",
    "hierarchy": "Children joined step by step (Ward)",
    "one_factor": "One scale of severity, cut into as many groups",
}


def other_ways(data: StudyData) -> Result:
    """Return how far other ways of grouping agree with the profiles (``needs_other_ways``).

    Returns
    -------
    Result
        By way of grouping (``group``): ``agreement``, the adjusted Rand index with each child's
        likeliest profile; one for the same groups, nought for what chance gives.
    """
    needs, choice = Needs.of(data), groups_of(data)
    subtitle = needs.subtitle("Assessed children, latest assessment")
    if choice.estimator is None:
        why = "The scores show no groups of children that others could be held against."
        return on_coverage(unavailable(needs.care, NAME, TITLE, subtitle, _AGREE, why), needs)
    rng = np.random.default_rng([data.study.seed, 30, 4])
    found = cross_check(needs.levels, choice.estimator, needs.levels_n, rng)
    frame = pd.DataFrame(
        {
            "group": found["method"],
            "period": needs.period,
            "measure": "agreement",
            "value": found["agreement"].astype(float),
        }
    )
    made = Result(
        name=NAME,
        title=TITLE,
        subtitle=subtitle,
        table=long_table(frame),
        measures=(_AGREE,),
        labels={**_WORDS, **needs.labels, "group": "Way of grouping"},
        source=needs.source,
        layout=Layout(("group",), ("measure",)),
        text=tuple(Sentence(line) for line in agreed(found)),
        notes=(
            "Each way is asked for as many groups as there are profiles. The index is one where "
            "it finds the same groups and nought where it agrees as chance would.",
            "None of them decides anything. They rest on distances between children, and not on "
            "a model of the scores; the last says how much of the profiles severity alone gives.",
        ),
        settings=needs.settings,
    )
    return on_coverage(made, needs)
