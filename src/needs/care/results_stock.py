"""Chapter 20: how many children are looked after on each day shown, and who they are."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.ages import AGE_BANDS
from needs.care.basis import COUNTING_RULE, Basis
from needs.care.breakdown import CHILDREN, Breakdown, divided
from needs.care.words import LEGAL_STATUS, LEGAL_STATUS_WORDS, SEX_WORDS, direction
from needs.care.words import needs as need_words
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Chart,
    Check,
    Layout,
    Result,
    Sentence,
    figure_id,
    long_table,
)

__all__ = ["ages", "legal_status", "needs", "sexes", "stock"]

NAME = "cla_stock"
Floats = npt.NDArray[np.float64]


def stock(data: StudyData) -> Result:
    """Return the number of children looked after on each 31 March and on the as-at date.

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns.

    Returns
    -------
    Result
        ``cla_stock``: ``children_n`` by day.
    """
    basis = Basis.of(data)
    frame = basis.stock()
    days = basis.date_keys
    n = np.bincount(frame["period"].cat.codes, minlength=len(days)).astype(np.float64)
    rows = pd.DataFrame({"period": days, "measure": "children_n", "value": n})
    return Result(
        name=NAME,
        title=f"Number of {basis.label}",
        subtitle=basis.stock_subtitle("Children looked after on the day"),
        table=long_table(rows),
        measures=(CHILDREN,),
        labels={ALL: f"All {basis.label}", **basis.date_labels},
        source=basis.source,
        layout=Layout(rows=("measure",), columns=("period",)),
        text=_stock_words(basis, n),
        charts=_stock_chart(basis, n),
        checks=_stock_checks(frame),
        notes=(COUNTING_RULE, *basis.shown.notes),
        settings=basis.settings(),
    )


def _stock_words(basis: Basis, n: Floats) -> tuple[Sentence, ...]:
    ids = [figure_id(NAME, "children_n", ALL, day) for day in basis.date_keys]
    days = list(basis.date_labels.values())
    words = {"day": days[-1], "label": basis.label}
    if len(ids) == 1:
        return (Sentence("There were {n} {label} on {day}.", {"n": ids[-1]}, words),)
    way = direction(n[-1] - n[-2], "up from", "down from", "unchanged from")
    return (
        Sentence(
            "There were {n} {label} on {day}, {way} {before} on {day_before}. The series starts "
            "with {first} on {day_first}.",
            {"n": ids[-1], "before": ids[-2], "first": ids[0]},
            {**words, "way": way, "day_before": days[-2], "day_first": days[0]},
        ),
    )


def _stock_chart(basis: Basis, n: Floats) -> tuple[Chart, ...]:
    if len(n) < 2:
        return ()
    amount = direction(n[-1] - n[0], "More", "Fewer", "As many")
    than = "as" if amount == "As many" else "than"
    return (
        Chart(
            key="trend",
            kind="line",
            measure="children_n",
            title=f"{amount} {basis.label} {than} at the start of the series",
            subtitle=basis.stock_subtitle("Children looked after on the day"),
            alt=f"Line chart of the number of {basis.label}, one point for each day counted.",
        ),
    )


def _stock_checks(frame: pd.DataFrame) -> tuple[Check, ...]:
    unknown = bool((frame["age"] < 0).any())
    return (
        Check(
            "Dates of birth of the children counted: known, and on or before the day",
            "review" if unknown else "pass",
            "some children of unknown age are counted, and may be 18 or over"
            if unknown
            else "all ages are known",
        ),
    )


def _by(
    data: StudyData,
    name: str,
    what: str,
    column: str,
    labels: Mapping[str, str],
    *,
    codes: Mapping[str, str] | None = None,
    notes: tuple[str, ...] = (),
    stacked: bool = True,
) -> Result:
    """Return the stock divided by a column, its codes grouped where ``codes`` says so."""
    basis = Basis.of(data)
    frame = basis.stock()
    values = frame[column].astype(object)
    by = pd.Categorical(values.map(dict(codes)) if codes else values, categories=list(labels))
    spec = Breakdown(
        name=name,
        title=f"{basis.heading} by {what}",
        subtitle=basis.stock_subtitle(f"Children looked after on the day, by {what}"),
        everyone=f"all {basis.label}",
        labels=labels,
        periods=basis.date_labels,
        notes=notes,
        chart=f"{basis.heading} by {what}",
        stacked=stacked,
    )
    return divided(basis, frame["period"].array, by, spec)


def ages(data: StudyData) -> Result:
    """Return the stock by DfE age band on the day (``cla_age``)."""
    return _by(data, "cla_age", "age", "age_band", AGE_BANDS)


def sexes(data: StudyData) -> Result:
    """Return the stock by sex (``cla_sex``)."""
    return _by(data, "cla_sex", "sex", "sex", SEX_WORDS)


def legal_status(data: StudyData) -> Result:
    """Return the stock by group of legal status (``cla_legal_status``)."""
    return _by(
        data,
        "cla_legal_status",
        "legal status",
        "ls",
        LEGAL_STATUS_WORDS,
        codes=LEGAL_STATUS,
        notes=("Legal status of the episode that was open on the day.",),
    )


OWN_DISABILITY = "N2"


def needs(data: StudyData) -> Result:
    """Return the stock by category of need (``cla_need``).

    Returns
    -------
    Result
        With a sentence on those whose main need is their own disability or illness (N2): the
        only word on disability that the return holds.
    """
    result = _by(
        data,
        "cla_need",
        "category of need",
        "cin",
        need_words(),
        notes=(
            "The main need when the period of care started; a child has one category, "
            "whatever other needs there are.",
            "The return has no field for disability. The child's own disability or illness as "
            "the main need stands in its place: disabled children in care for another reason "
            "are not in it, so it is fewer than the number of disabled children.",
        ),
    )
    basis = Basis.of(data)
    if OWN_DISABILITY not in set(result.table["group"]):
        return result
    at = {"group": OWN_DISABILITY, "period": basis.date_keys[-1]}
    proxy = Sentence(
        "{day}: the child's own disability or illness was the main need of {n} {label}, {share} "
        "of all.",
        {
            "n": figure_id(result.name, "children_n", **at),
            "share": figure_id(result.name, "share_pct", **at),
        },
        {"day": basis.date_labels[basis.date_keys[-1]], "label": basis.label},
    )
    return replace(result, text=(*result.text, proxy))
