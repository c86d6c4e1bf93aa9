"""Chapter 50 from records: what the study's scenarios would do, and through which lever."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from math import factorial

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.forecast.ahead import Ahead
from needs.forecast.ahead_levers import ERROR, large_rows, lever_of, lived, monte_carlo
from needs.forecast.flow.attribution import MOST, attribute
from needs.forecast.flow.model import FlowModel
from needs.forecast.levers import Lever
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import (
    ALL,
    Layout,
    Measure,
    Result,
    Sentence,
    figure_id,
    long_table,
)
from needs.vocabulary.scenarios import Scenario
from needs.vocabulary.units import round_half_up

__all__ = ["add_up", "scenarios", "shares_of"]

TOGETHER = "together"
CHANGE = Measure("change_n", "Change", "children_forecast")
PART = Measure("part_n", "Its part of all together", "children_forecast")
LEVER_WORDS = {
    "entries": "More or fewer come into care",
    "exits": "Children leave sooner or later",
    "step_down": "Children are moved to another type",
    "share": "A type's share is brought to a goal",
    "opening": "A home opens",
    "uasc_threshold": "Unaccompanied children at the transfer threshold",
}
Floats = npt.NDArray[np.floating]
Rows = Mapping[str, tuple[str, ...]]


def scenarios(data: StudyData) -> tuple[Result, ...]:
    """Return what each scenario of the study changes, draw by draw, and through which lever.

    Nothing where the study has none, or the flow model could not be fitted.

    Returns
    -------
    tuple of Result
        ``ahead_scenarios``: ``change_n`` with ``lower_80`` and ``upper_80`` on the last day, by
        scenario (group) and row of the demand table (by); ``part_n``, each scenario's part of
        all together; ``error_n``, the standard error of a change of the total.
        ``ahead_levers``, where a scenario has several: ``change_n`` of the total by lever
        (group) of each scenario (by); they add up to the scenario's.
    """
    ahead = Ahead.of(data)
    wanted = data.study.scenarios
    if ahead.model is None or not wanted:
        return ()
    rows, words = large_rows(ahead)
    levers = {s.key: [lever_of(x) for x in s.levers] for s in wanted}
    found = list(_changes(ahead, ahead.model, levers, rows))
    return (
        _scenario_table(ahead, wanted, words, found),
        *_lever_table(ahead, ahead.model, wanted),
    )


def _changes(
    ahead: Ahead, model: FlowModel, levers: Mapping[str, list[Lever]], rows: Rows
) -> Iterator[dict[str, object]]:
    """Yield rows of each scenario by itself, and of all together where they can be taken apart."""
    keys = list(levers)
    together = 2 <= len(keys) <= MOST
    sizes = range(len(keys) + 1) if together else range(2)
    futures = {
        some: lived(ahead, model, [x for k in some for x in levers[k]]).draws[:, -1].astype(float)
        for size in sizes
        for some in itertools.combinations(keys, size)
    }
    places = model.places
    for key in keys:
        yield from _apart(key, futures[(key,)] - futures[()], rows, places)
    if not together:
        return
    whole = futures[tuple(keys)] - futures[()]
    yield from _apart(TOGETHER, whole, rows, places)
    parts = shares_of(futures, keys)
    for row, members in rows.items():
        means = [_of(p, members, places).mean(dtype=float) for p in parts]
        mean = _of(whole, members, places).mean(dtype=float)
        for key, n in zip(keys, add_up(means, mean), strict=True):
            yield {"group": key, "by": row, "measure": "part_n", "value": float(n)}


def shares_of(
    futures: Mapping[tuple[str, ...], Floats], keys: Sequence[str]
) -> list[npt.NDArray[np.floating]]:
    """Return each scenario's part of all together, from what every combination of them gives.

    Parameters
    ----------
    futures : mapping of tuple of str to ndarray
        Scenarios in the order of ``keys`` -> children; every combination, the empty one too.
    keys : sequence of str

    Notes
    -----
    The Shapley value, as in :func:`needs.forecast.flow.attribution.attribute`.
    """
    n = len(keys)
    parts = [np.zeros_like(futures[()]) for _ in keys]
    for some, children in futures.items():
        for i, key in enumerate(keys):
            before = len(some) - (key in some)
            weight = factorial(before) * factorial(n - before - 1) / factorial(n)
            parts[i] += weight * children if key in some else -weight * children
    return parts


def _of(draws: Floats, members: Sequence[str], places: Sequence[str]) -> Floats:
    summed: Floats = draws[:, [places.index(m) for m in members]].sum(axis=1)
    return summed


def _apart(
    key: str, whole: Floats, rows: Rows, places: Sequence[str]
) -> Iterator[dict[str, object]]:
    """Yield mean and range of a difference, shape (draws, places), for each row."""
    for row, members in rows.items():
        draws = _of(whole, members, places)
        low, high = np.percentile(draws, [10, 90])
        at = {"group": key, "by": row}
        mean = float(round_half_up(draws.mean(dtype=float)))
        ends = {"lower_80": min(float(low), mean), "upper_80": max(float(high), mean)}
        yield {**at, "measure": "change_n", "value": mean, **ends}
        if row == ALL:
            yield {**at, "measure": "error_n", "value": monte_carlo(draws)}


def add_up(parts: Sequence[float], whole: float) -> list[int]:
    """Return whole numbers that add up to a rounded whole, none a child or more from its part.

    Parameters
    ----------
    parts : sequence of float
        They add up to ``whole``; of either sign.
    whole : float

    Notes
    -----
    Largest remainder, as in :func:`needs.forecast.mix.allocate`.

    Examples
    --------
    >>> add_up([-3.4, -3.4, 0.4], -6.4)
    [-4, -3, 1]
    """
    exact = np.round(np.asarray(parts, dtype=float), 9)
    given = np.floor(exact)
    left = int(round_half_up(whole)) - int(given.sum())
    first = np.argsort(-(exact - given), kind="stable")[: max(left, 0)]
    given[first] += 1
    return [int(g) for g in given]


def _scenario_table(
    ahead: Ahead,
    wanted: Sequence[Scenario],
    words: Mapping[str, str],
    found: Sequence[Mapping[str, object]],
) -> Result:
    basis, last = ahead.outlook.basis, ahead.outlook.ahead[-1]
    labels = {s.key: s.label for s in wanted} | {TOGETHER: "All of them together"}
    study = basis.study
    return Result(
        name="ahead_scenarios",
        title="What each scenario would change",
        subtitle=f"Change in children on {ahead.outlook.labels[last]}, {study.authority.name}",
        table=long_table(pd.DataFrame(found).assign(period=last)),
        measures=(CHANGE, PART, ERROR),
        labels={**labels, **words, **ahead.outlook.labels, "group": "If", "by": "Children"},
        source=f"{basis.source}; scenarios of the study's settings",
        layout=Layout(("by",), ("group",), ("change_n",)),
        text=_said(labels, last, ahead.outlook.labels[last], found),
        notes=(
            "Each scenario lives the flow model's futures again with its changes alone, so that "
            "what differs is the scenario and not chance. Low and high leave one future in ten on "
            "each side. Together, each scenario's part is the mean of what it adds over all orders "
            "in which they could come; parts are whole children and add up.",
            "What a plan costs, and whether it can be done, is not in it. Types with few "
            "children today are left out. A change by placement type is rounded by itself; low and "
            "high of each, and parts, are in the table's file.",
        ),
        settings={
            **basis.settings(),
            "draws": study.forecast.scenario_draws,
            "seed": study.seed,
        },
    )


def _said(
    labels: Mapping[str, str], last: str, day: str, found: Sequence[Mapping[str, object]]
) -> tuple[Sentence, ...]:
    """Return what each scenario does to the total on the last day."""

    def ref(measure: str, key: str) -> str:
        return figure_id("ahead_scenarios", measure, key, last, ALL)

    shared = {str(f["group"]) for f in found if f["measure"] == "part_n"}
    part = {k: {"part": ref("part_n", k)} for k in shared}
    return tuple(
        Sentence(
            "“{scenario}”: {n} in the total on {day}, between {low} and {high} as chance and "
            "drift fall; the mean has a standard error of {error}."
            + (" Its part of all together is {part}." if key in shared else ""),
            {
                **part.get(key, {}),
                "n": ref("change_n", key),
                "low": ref("change_n_lower_80", key),
                "high": ref("change_n_upper_80", key),
                "error": ref("error_n", key),
            },
            {"scenario": labels[key], "day": day},
        )
        for key in labels
        if any(f["group"] == key for f in found)
    )


def _lever_table(ahead: Ahead, model: FlowModel, wanted: Sequence[Scenario]) -> tuple[Result, ...]:
    """Return the parts of each scenario that has several levers."""
    several = [s for s in wanted if len(s.levers) > 1]
    if not several:
        return ()
    basis, last = ahead.outlook.basis, ahead.outlook.ahead[-1]
    study = basis.study
    found: list[dict[str, object]] = []
    labels: dict[str, str] = {}
    for s in several:
        days, draws = ahead.outlook.days[-1:], study.forecast.scenario_draws
        apart = attribute(model, [lever_of(x) for x in s.levers], days, draws, study.seed)
        whole = apart.whole[:, -1].sum(axis=1).mean(dtype=float)
        parts = apart.parts[:, :, -1].sum(axis=2).mean(axis=1, dtype=float)
        keys = [f"lever_{i}_{x.lever}" for i, x in enumerate(s.levers, start=1)]
        labels |= {k: LEVER_WORDS[x.lever] for k, x in zip(keys, s.levers, strict=True)}
        named = {**dict(zip(keys, add_up(parts.tolist(), whole), strict=True)), ALL: whole}
        found += [
            {"by": s.key, "group": k, "value": float(round_half_up(v))} for k, v in named.items()
        ]
    heads = {"by": "If", "group": "Through", ALL: "All its levers"}
    return (
        Result(
            name="ahead_levers",
            title="Through which lever each scenario works",
            subtitle=f"Change in all children on {ahead.outlook.labels[last]}, "
            f"{study.authority.name}",
            table=long_table(pd.DataFrame(found).assign(period=last, measure="change_n")),
            measures=(CHANGE,),
            labels={
                **{s.key: s.label for s in several},
                **labels,
                **ahead.outlook.labels,
                **heads,
            },
            source=f"{basis.source}; scenarios of the study's settings",
            layout=Layout(("by", "group"), ("measure",), ("change_n",)),
            notes=(
                "A lever's part is the mean of what it adds over all orders in which the levers of "
                "its scenario could come. Parts are whole children and add up.",
            ),
            settings={**basis.settings(), "draws": study.forecast.scenario_draws},
        ),
    )
