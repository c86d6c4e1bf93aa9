"""Chapter 30: early signals: which placements end in a move or break down, and what foretells it.

Nothing here is of one child: hazards, tests and rates are of all months together.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from needs.care.basis import Basis
from needs.care.rows import unavailable, wide_rows
from needs.care.windows import day_words
from needs.profiles.early import (
    LEAST_EVENTS,
    MONTH_DAYS,
    Tested,
    foretold,
    hazard_ratios,
    held_out,
    rates,
)
from needs.profiles.groups import group_names, groups_of
from needs.profiles.months import COLUMNS, NEEDS, Months
from needs.profiles.needs_basis import Needs
from needs.profiles.withheld import on_coverage
from needs.vocabulary.records import StudyData
from needs.vocabulary.results import ALL, Chart, Layout, Measure, Result, Sentence, figure_id

__all__ = ["early_hazards", "early_rates", "early_tests"]

HAZARDS, TESTS, RATES = "early_hazards", "early_tests", "early_rates"
DRAWS = 100
EVENTS = {"moved": "Any move", "broke": "Breakdown"}
_RATIO = Measure("hazard_ratio", "Times as often", "ratio")
_AUC = Measure("auc", "Area under the curve", "ratio")
_RATE = Measure("a_year", "A year in a placement", "ratio")
_EVENT_NOTE = (
    "A breakdown is a move because carer or child asked for it, over an allegation or a concern "
    "about standards, or because approval was removed: the return gives one reason a move."
)
_MONTH_NOTE = (
    f"A month is {MONTH_DAYS:.1f} days of a placement, from a child's first assessment on, with "
    "what was known when it began. Temporary moves are left out."
)
_NO_MONTHS = "No month of a placement follows an assessment, or too few end in a move, to tell."


@dataclass(frozen=True, eq=False)
class _Seen:
    """Months, and which events there are enough of."""

    months: Months
    events: dict[str, npt.NDArray[np.bool_]]

    @property
    def basis(self) -> Basis:
        return self.months.basis

    @property
    def day(self) -> str:
        return self.basis.date_keys[-1]

    def subtitle(self, what: str) -> str:
        until = day_words(self.basis.shown.dates[-1])
        return f"{what}, {self.basis.study.authority.name}, up to {until}"


def _seen(data: StudyData) -> _Seen:
    months = Months.of(data)
    found = {"moved": months.moved, "broke": months.broke}
    return _Seen(months, {k: e for k, e in found.items() if e.sum() >= LEAST_EVENTS})


def _leaning(result: Result, data: StudyData) -> Result:
    return on_coverage(result, Needs.of(data))


def early_hazards(data: StudyData) -> Result:
    """Return what goes with a move and with a breakdown (``early_hazards``).

    Parameters
    ----------
    data : StudyData
        A study with SSDA903 returns and assessments.

    Returns
    -------
    Result
        Hazard ratios with 95% intervals, clustered by child: ``group`` what differs, ``by``
        ``moved`` or ``broke``.
    """
    seen = _seen(data)
    title, what = "What goes with a move", "Months in placements of children assessed"
    if not seen.events:
        none = unavailable(seen.basis, HAZARDS, title, seen.subtitle(what), _RATIO, _NO_MONTHS)
        return _leaning(none, data)
    parts = []
    for by, event in seen.events.items():
        found = hazard_ratios(seen.months.x, event, seen.months.who)
        found.columns = ["hazard_ratio", "hazard_ratio_lower", "hazard_ratio_upper"]
        parts.append(found.rename_axis("group").reset_index().assign(by=by, period=seen.day))
    frame = pd.concat(parts, ignore_index=True)
    made = Result(
        name=HAZARDS,
        title=title,
        subtitle=seen.subtitle(what),
        table=wide_rows(frame, ["group", "by", "period"]),
        measures=(_RATIO,),
        labels={
            **COLUMNS,
            **EVENTS,
            **seen.basis.date_labels,
            "group": "What differs",
            "by": "Event",
        },
        source=f"{seen.basis.source}; needs assessments",
        layout=Layout(
            rows=("by", "group"),
            columns=("measure",),
            measures=("hazard_ratio", "hazard_ratio_lower_95", "hazard_ratio_upper_95"),
        ),
        notes=(
            "Hazard ratios of a discrete-time model (complementary log-log link), all columns "
            "together: one means no difference, two twice as often in any month. Intervals are "
            "95%, clustered by child. What goes with a move need not be its cause.",
            _EVENT_NOTE,
            _MONTH_NOTE,
            "Kinds of month with few events are put together with those that they stand against.",
            *seen.basis.shown.notes,
        ),
        settings={**seen.basis.settings(), "least_events": LEAST_EVENTS},
    )
    return _leaning(made, data)


def _tests(data: StudyData, seen: _Seen) -> dict[tuple[str, str], Tested]:
    """Return tests by event: of all columns and of those without needs, and of one on the other."""

    def made() -> dict[tuple[str, str], Tested]:
        out = {}
        m = seen.months
        rng = np.random.default_rng([data.study.seed, 32])
        for by, event in seen.events.items():
            whole, base = held_out(m.x, event, m.who)
            part, _ = held_out(m.x.drop(columns=list(NEEDS)), event, m.who)
            out[by, "with_needs"] = foretold(whole, base, event, m.who, DRAWS, rng)
            out[by, "without_needs"] = foretold(part, base, event, m.who, DRAWS, rng)
            out[by, "added"] = foretold(whole, part, event, m.who, 2, rng)
        return out

    return data.once("profiles early tests", made)


def early_tests(data: StudyData) -> Result:
    """Return how well moves and breakdowns of children left out are foretold (``early_tests``).

    Returns
    -------
    Result
        ``group`` with or without needs, ``by`` event: area under the curve and slope of
        recalibration with 95% intervals, and gain on the same chance for everyone.
    """
    seen = _seen(data)
    title, what = "Whether moves can be foretold", "Months of children left out of what judges them"
    if not seen.events:
        none = unavailable(seen.basis, TESTS, title, seen.subtitle(what), _AUC, _NO_MONTHS)
        return _leaning(none, data)
    found = _tests(data, seen)
    rows = [
        {
            "group": group, "by": by, "period": seen.day,
            "auc": t.judged.auc, "auc_lower": t.auc_low, "auc_upper": t.auc_high,
            "slope": t.judged.slope, "slope_lower": t.judged.slope_low,
            "slope_upper": t.judged.slope_high,
            "gain": t.gain, "gain_lower": t.gain_low, "gain_upper": t.gain_high,
        }
        for (by, group), t in found.items()
        if group != "added"
    ]  # fmt: skip
    names = ("auc", "slope", "gain")
    made = Result(
        name=TESTS,
        title=title,
        subtitle=seen.subtitle(what),
        table=wide_rows(pd.DataFrame(rows), ["group", "by", "period"]),
        measures=(
            _AUC,
            Measure("slope", "Slope of recalibration", "ratio"),
            Measure("gain", "Gain on the same chance for everyone", "ratio"),
        ),
        labels={
            "with_needs": "Needs, age, time in the placement and its kind",
            "without_needs": "The same without needs",
            **EVENTS, **seen.basis.date_labels, "group": "Foretold from", "by": "Event",
        },
        source=f"{seen.basis.source}; needs assessments",
        layout=Layout(
            rows=("by", "group"),
            columns=("measure",),
            measures=tuple(f"{m}{end}" for m in names for end in ("", "_lower_95", "_upper_95")),
        ),
        text=tuple(_verdict(by, found, seen.day) for by in seen.events),
        notes=(
            "Children are divided into five parts; all months of a child are left out together. "
            "Gain: how much greater the logarithm of the probability given to what happened is, a "
            "hundred months. Intervals are 95%, by child.",
            "A curve of one half knows nothing. A slope of one means that chances are what they "
            "say. No child is given a chance anywhere in this report.",
            _EVENT_NOTE,
            _MONTH_NOTE,
        ),
        settings={**seen.basis.settings(), "draws": DRAWS},
    )  # fmt: skip
    return _leaning(made, data)


def _verdict(by: str, found: dict[tuple[str, str], Tested], day: str) -> Sentence:
    """Return in words whether anything foretells the event, and whether needs do."""
    whole, added = found[by, "with_needs"], found[by, "added"]
    event = {"moved": "a move", "broke": "a breakdown"}[by]
    if not whole.better:
        line = (
            "What is known of children and placements foretells {event} no better than the same "
            "chance for everyone would: it must not be used to pick placements out (area under "
            "the curve {auc}, {low} to {high})."
        )
    elif added.better:
        line = (
            "{event} can be foretold better than with the same chance for everyone, and needs add "
            "to what age and time in the placement tell (area under the curve {auc}, {low} to "
            "{high})."
        )
    else:
        line = (
            "{event} can be foretold better than with the same chance for everyone, but from age, "
            "time in the placement and its kind: that needs add anything is not shown (area under "
            "the curve {auc}, {low} to {high})."
        )
    words = event if not whole.better else f"{event[:1].upper()}{event[1:]}"
    names = {"auc": "auc", "low": "auc_lower_95", "high": "auc_upper_95"}
    refs = {k: figure_id(TESTS, m, "with_needs", day, by) for k, m in names.items()}
    return Sentence(line, refs, {"event": words})


def early_rates(data: StudyData) -> Result:
    """Return how often children move, and placements break down, by need (``early_rates``).

    Returns
    -------
    Result
        Events for each year in a placement with 95% intervals: all, with and without a specialist
        need, and by profile where there are profiles. Rows of few events are left out.
    """
    seen = _seen(data)
    title, what = "Who moves often", "Moves and breakdowns of children assessed"
    if not seen.events:
        none = unavailable(seen.basis, RATES, title, seen.subtitle(what), _RATE, _NO_MONTHS)
        return _leaning(none, data)
    member, labels = _members(data, seen.months)
    rng = np.random.default_rng([data.study.seed, 33])
    parts = []
    for by, event in seen.events.items():
        found = rates(member.to_numpy(dtype=float), event, seen.months.who, DRAWS, rng)
        found = found.assign(group=list(member.columns), by=by, period=seen.day)
        parts.append(found[found["events_n"] >= LEAST_EVENTS / 2])
    frame = pd.concat(parts, ignore_index=True).drop(columns="events_n")
    frame = frame.rename(columns={"lower": "a_year_lower", "upper": "a_year_upper"})
    profiles = [k for k in labels if k.startswith("profile_")]
    made = Result(
        name=RATES,
        title=title,
        subtitle=seen.subtitle(what),
        table=wide_rows(frame, ["group", "by", "period"]),
        measures=(_RATE,),
        labels={
            **labels, **EVENTS, **seen.basis.date_labels, "group": "Children", "by": "Event",
        },
        source=f"{seen.basis.source}; needs assessments",
        layout=Layout(
            rows=("by", "group"), columns=("measure",),
            measures=("a_year", "a_year_lower_95", "a_year_upper_95"),
        ),
        text=_often(frame, seen),
        charts=_picture(seen, frame),
        notes=(
            "A child counts to every profile with its probability of belonging there, by the last "
            "assessment before the month."
            if profiles
            else "The scores show no groups of children, so that no profile can be told apart.",
            _EVENT_NOTE,
            _MONTH_NOTE,
            "Intervals are 95%, children drawn again. Rows of few events are left out.",
        ),
        settings={**seen.basis.settings(), "draws": DRAWS},
    )  # fmt: skip
    return _leaning(made, data)


def _members(data: StudyData, months: Months) -> tuple[pd.DataFrame, dict[str, str]]:
    """Return what each month counts to: all, a specialist need or none, and profiles."""
    special = months.x["specialist"].to_numpy()
    out = pd.DataFrame({ALL: 1.0, "special_no": 1 - special, "special_yes": special})
    labels = {
        ALL: "All assessed",
        "special_no": "Without a specialist need",
        "special_yes": "With a specialist need",
    }
    choice = groups_of(data)
    if choice.estimator is None or not len(out):
        return out, labels
    member = choice.estimator.predict_proba(months.levels.to_numpy(dtype=float))
    names = group_names(member.shape[1])
    for k, key in enumerate(names):
        out[key] = member[:, k]
    return out, labels | names


def _often(frame: pd.DataFrame, seen: _Seen) -> tuple[Sentence, ...]:
    """Return the rates with and without a specialist need, where both are told."""
    out = []
    for by in seen.events:
        there = set(frame.loc[frame["by"] == by, "group"])
        if not {"special_no", "special_yes"} <= there:
            continue
        ends = {"": "a_year", "_low": "a_year_lower_95", "_high": "a_year_upper_95"}
        refs = {
            f"{k}{end}": figure_id(RATES, m, f"special_{k}", seen.day, by)
            for k in ("yes", "no")
            for end, m in ends.items()
        }
        line = (
            "{what} for each year in a placement: {yes} ({yes_low} to {yes_high}) with a "
            "specialist need, {no} ({no_low} to {no_high}) without."
        )
        what = {"moved": "Moves", "broke": "Breakdowns"}[by]
        out.append(Sentence(line, refs, {"what": what}))
    return tuple(out)


def _picture(seen: _Seen, frame: pd.DataFrame) -> tuple[Chart, ...]:
    if frame["group"].nunique() < 2:
        return ()
    return (
        Chart(
            key="rates",
            kind="dot",
            measure="a_year",
            title="Moves and breakdowns for each year in a placement",
            subtitle=seen.subtitle("Children assessed, by need"),
            alt="Dots, one for each group of children, for moves and for breakdowns.",
            x="group",
            series="by",
        ),
    )
