"""What the tables of strategies share: their settings, labels, and what rows lean on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from needs.forecast.ahead_words import settings
from needs.sufficiency.strategy.lived import AS_IT_IS, Strategies
from needs.sufficiency.targets.seen import ENDS
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Result, figure_id

__all__ = ["leaning", "shown"]


def leaning(
    name: str,
    table: pd.DataFrame,
    of: Mapping[tuple[str, str], Iterable[str]] | None,
    whole: Iterable[str],
) -> dict[str, tuple[str, ...]]:
    """Return what each row leans on: by measure and ``by`` where given, else on the whole."""
    found = {}
    keys = table[["measure", "group", "period", "by"]].itertuples(index=False)
    for measure, group, period, by in keys:
        on = tuple((of or {}).get((measure, by), whole))
        for end in ENDS if on else ():
            found[figure_id(name, measure + end, group, period, by)] = on
    return found


def shown(data: StudyData, name: str, title: str, table: pd.DataFrame, **more: Any) -> Result:
    """Return a result of strategies with their labels and settings.

    Parameters
    ----------
    data : StudyData
    name, title : str
    table : DataFrame
        Long table; a missing number is marked as not available.
    **more
        Everything else of :class:`needs.vocabulary.results.Result`.
    """
    s = Strategies.of(data)
    # What a strategy changes is no matter of the forecast as it is.
    none = np.where(table["group"] == AS_IT_IS, "z", "x")
    marker = np.where(table["value"].isna(), none, "")
    labels = {**s.labels, "group": "Strategy", **more.pop("labels", {})}
    return Result(
        name=name,
        title=title,
        table=table.assign(marker=marker),
        labels=labels,
        settings={
            **settings(s.base.ahead),
            "strategies": [x.model_dump(mode="json") for x in data.study.strategies],
            "scenario_draws": data.study.forecast.scenario_draws,
        },
        **more,
    )
