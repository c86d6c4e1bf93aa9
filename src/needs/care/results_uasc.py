"""Chapter 20: unaccompanied asylum-seeking children beside all others."""

from __future__ import annotations

import pandas as pd

from needs.care.basis import COUNTING_RULE, Basis
from needs.care.breakdown import Breakdown, divided
from needs.care.flows import ceased, started
from needs.care.results_flows import flow_rule, window_period, with_windows
from needs.care.words import UASC_WORDS
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import Result

__all__ = ["unaccompanied"]

_NOTE = (
    "Unaccompanied status as the UASC table of the returns has it on the day, until the status "
    "ended. Both rows are counted here, whichever of them the headline number includes."
)


def unaccompanied(data: StudyData) -> tuple[Result, Result, Result]:
    """Return unaccompanied children beside all others: looked after, started, ceased.

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Returns
    -------
    tuple of Result
        ``cla_uasc_stock``, ``cla_uasc_started``, ``cla_uasc_ceased``, all with unaccompanied
        children whether the study's scope has them or not. Where it does not, the headline
        number is that of all other children: a total of both would give away a hidden count
        of unaccompanied children, so there is none, and no shares of it.
    """
    basis = with_windows(data)
    scope = basis.scope.model_copy(update={"unaccompanied": True})
    stock = basis.stock(scope)
    began = started(basis.records, basis.shown.windows, scope)
    ended = ceased(basis.records, basis.shown.windows, scope)
    dates, years = basis.date_labels, basis.window_labels
    on_day = basis.stock_subtitle("Children looked after on the day, unaccompanied or not")
    in_year = basis.flow_subtitle("Children who {}, unaccompanied or not")
    return (
        _split(basis, "looked after", on_day, stock["period"].array, stock, dates, COUNTING_RULE),
        _split(
            basis,
            "started",
            in_year.format("started in the year"),
            window_period(basis, began),
            began,
            years,
            flow_rule(basis.study.counting),
        ),
        _split(
            basis,
            "ceased",
            in_year.format("ceased in the year"),
            window_period(basis, ended),
            ended,
            years,
            flow_rule(basis.study.counting),
        ),
    )


def _split(
    basis: Basis,
    what: str,
    subtitle: str,
    period: pd.Categorical,
    frame: pd.DataFrame,
    periods: dict[str, str],
    rule: str,
) -> Result:
    """Return children by whether they are unaccompanied."""
    keys = frame["uasc"].map({True: "uasc", False: "not_uasc"})
    spec = Breakdown(
        name=f"cla_uasc_{'stock' if what == 'looked after' else what}",
        title=f"Unaccompanied children: {what}",
        subtitle=subtitle,
        everyone="all children, unaccompanied or not",
        labels=UASC_WORDS,
        periods=periods,
        rule=rule,
        focus="uasc",
        notes=(_NOTE,),
        whole=basis.scope.unaccompanied,
        chart=f"Unaccompanied asylum-seeking children and all others: {what}",
    )
    return divided(basis, period, pd.Categorical(keys, categories=list(UASC_WORDS)), spec)
