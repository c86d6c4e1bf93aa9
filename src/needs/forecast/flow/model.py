"""Fit the flow model, and forecast with it."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import numpy.typing as npt

from needs.forecast.flow.bands import AGE_GROUPS, MONTH, YEAR
from needs.forecast.flow.changes import changes
from needs.forecast.flow.drift import Drift, Prior, fit_drift
from needs.forecast.flow.entries import Stream, fit_streams
from needs.forecast.flow.exposure import Exposure, born_known, expose, whole_years
from needs.forecast.flow.hazards import Rates, fit_rates
from needs.forecast.flow.leavers import BACK, FOSTER, Beyond, Shares, beyond, left_before, waits
from needs.forecast.flow.lives import Lead, leads
from needs.forecast.flow.replaced import carried, joined, replaced
from needs.forecast.flow.run import Run, run
from needs.forecast.history import OPEN, History
from needs.forecast.levers import Lever
from needs.forecast.shape import Forecast, Part
from needs.vocabulary.errors import Fault, ModelError
from needs.vocabulary.threads import one_thread

__all__ = ["SETTINGS", "FlowModel", "fit_flow", "flow"]

SETTINGS: Mapping[str, float] = {
    "most_years": 12.0,
    "entry_steady": 0.8,
    "entry_broken": 0.15,
    "entry_noise": 0.03,
    "entry_jump": 0.35,
    "entry_sloped": 0.5,
    "uasc_steady": 0.6,
    "uasc_broken": 0.3,
    "uasc_noise": 0.06,
    "uasc_jump": 0.7,
    "uasc_sloped": 0.3,
    "uasc_shared": 0.3,
    "exit_steady": 0.8,
    "exit_broken": 0.15,
    "exit_noise": 0.02,
    "exit_jump": 0.35,
    "slope": 0.05,
    "fade": 0.98,
}
"""Years looked back at most, and the priors of drift (:class:`Prior`).

Unaccompanied children come by routes and rules that change at once: 2,030 were looked after in
England on 31 March 2015, and 4,210 a year later (Department for Education, Children looked after
in England, table of children by characteristics). A jump of as much is one standard deviation.
"""

LABEL = "Flow model"
UNSEEN = "Care leavers who left before the first return are not known, so not counted."
EPOCH = dt.date(1970, 1, 1)

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Present:
    """Children in care at the origin: age and time in care in months, place, unaccompanied."""

    age: Floats
    since: Floats
    place: Ints
    uasc: Ints


@dataclass(frozen=True, eq=False)
class FlowModel:
    """A fitted flow model.

    Parameters
    ----------
    places : tuple of str
    origin : datetime.date
    exits, moves : Rates
        Rates a year by cell; exits at drift nought.
    drift : Drift
        Of exits, log scale.
    streams : tuple of Stream
        Entries.
    routes : ndarray, shape (movers, places, places)
        Moves seen, by who moved, from and to.
    present : Present
    settings : mapping
    left : ndarray
        Care leavers of the past (:func:`needs.forecast.flow.leavers.left_before`).
    waits : tuple of float
        Months until 18 of those who leave at 16, and at 17.
    notes : tuple of str
    pairs : tuple of tuple of int
        Closed types, and those in their place (:mod:`needs.forecast.flow.replaced`).
    """

    places: tuple[str, ...]
    origin: dt.date
    exits: Rates
    moves: Rates
    drift: Drift
    streams: tuple[Stream, ...]
    routes: Floats
    present: Present
    settings: Mapping[str, float]
    left: Ints
    waits: tuple[float, float]
    notes: tuple[str, ...] = field(default=())
    pairs: tuple[tuple[int, int], ...] = field(default=())

    @cached_property
    def leads(self) -> Lead:
        """Where moves lead (:func:`needs.forecast.flow.lives.leads`)."""
        return leads(self.routes).carried(self.pairs)

    def simulate(
        self,
        days: Sequence[dt.date],
        draws: int,
        rng: np.random.Generator,
        levers: Sequence[Lever] = (),
        threads: int = 2,
    ) -> Forecast:
        """Return children looked after on days ahead.

        Parameters
        ----------
        days : sequence of date
            Each a whole number of months after the origin (:func:`month_after`).
        draws : int
            Futures lived.
        rng : numpy.random.Generator
            In the same state for two scenarios, it makes them comparable draw by draw: a child
            whose rates are not changed lives the same life in both.
        levers : sequence of Lever
            What is changed; the baseline where empty.
        threads : int
            Workers; results do not depend on it.

        Raises
        ------
        ModelError
            If a day is not a whole number of months after the origin, or a lever cannot be.
        """
        at = months_ahead(self.origin, days)
        months = max(at)
        changed = changes(self, levers, months) if levers else None
        out = run(self, Run(months, draws, self.calendar(months), changed), rng, threads)
        pick = [m - 1 for m in at]
        begins = [0, *at[:-1]]
        parts = {
            "ages": Part(tuple(AGE_GROUPS), out.ages[:, pick]),
            "status": Part(("others", "uasc"), out.status[:, pick]),
            "entries": Part(
                ("others", "uasc"), np.add.reduceat(out.entries[:, : at[-1]], begins, axis=1), True
            ),
            "exits": Part(
                ("under_18", "at_18"), np.add.reduceat(out.exits[:, : at[-1]], begins, axis=1), True
            ),
        }
        return Forecast(
            "flow",
            LABEL,
            self.origin,
            tuple(days),
            self.places,
            out.children[:, pick],
            parts,
            dict(self.settings),
            self.notes,
        )

    def beyond_18(
        self,
        days: Sequence[dt.date],
        draws: int,
        rng: np.random.Generator,
        levers: Sequence[Lever] = (),
        shares: Shares | None = None,
    ) -> Beyond:
        """Return care leavers by entitlement, and places from 16 to 25, on days ahead.

        Parameters
        ----------
        days, draws, rng, levers
            As for :meth:`simulate`.
        shares : Shares, optional
            Where care leavers live (:meth:`Shares.of`); places from 18 on are not told without.
        """
        at = months_ahead(self.origin, days)
        changed = changes(self, levers, max(at)) if levers else None
        asked = Run(max(at), draws, self.calendar(max(at)), changed, beyond=True)
        out = run(self, asked, rng, 2)
        foster = [i for i, p in enumerate(self.places) if p in FOSTER]
        supported = [i for i, p in enumerate(self.places) if p == "supported"]
        now = out.children[:, [m - 1 for m in at]][:, :, supported].sum(axis=2)
        flows = (self.left, out.leavers, out.eligible)
        told = beyond(days, at, flows, self.waits, (foster, now, shares), rng)
        if len(self.drift.smooth) * 12 >= BACK:
            return told
        return replace(told, notes=(*told.notes, UNSEEN))

    def past_level(self, year: int) -> float | None:
        """Return the log level of exits of a reporting year, by the year it ends in."""
        back = self.origin.year + (self.origin.month >= 4) - year
        known = self.drift.smooth
        return float(known[-1 - back]) if 0 <= back < len(known) else None

    def calendar(self, months: int) -> Ints:
        """Return the calendar month of each month ahead, 0 for January.

        A month ahead takes the name of the calendar month that most of it lies in.
        """
        later = self.origin.day > 15
        first = self.origin.month - 1 + int(later)
        return (first + np.arange(months)) % 12


def month_after(origin: dt.date, months: int) -> dt.date:
    """Return the day some months after another; the last of a month stays the last."""
    at = origin.year * 12 + origin.month - 1 + months
    year, month = at // 12, at % 12 + 1
    last = calendar.monthrange(year, month)[1]
    whole = origin.day == calendar.monthrange(origin.year, origin.month)[1]
    return dt.date(year, month, last if whole else min(origin.day, last))


def months_ahead(origin: dt.date, days: Sequence[dt.date]) -> list[int]:
    """Return how many months after the origin each day lies."""
    at = [(d.year - origin.year) * 12 + d.month - origin.month for d in days]
    if not at or any(m < 1 or month_after(origin, m) != d for m, d in zip(at, days, strict=True)):
        raise ModelError(
            "the flow model cannot forecast for these days",
            [
                Fault(
                    "forecast",
                    "a day is not a whole number of months after the last day known",
                    "ask for ends of months, counted from the as-at date",
                )
            ],
        )
    return at


def fit_flow(history: History, settings: Mapping[str, float] | None = None) -> FlowModel:
    """Fit the flow model to a history.

    Parameters
    ----------
    history : History
        At least one whole year.
    settings : mapping of str to float, optional
        Those of :data:`SETTINGS` that differ.

    Raises
    ------
    ModelError
        If the history has less than one year, or nobody entered or is in care.
    """
    chosen = {**SETTINGS, **(settings or {})}
    if whole_years(history) < 1:
        raise _refuse("the returns tell of less than one year", "add earlier returns")
    pairs = replaced(history)
    known = joined(history, pairs)
    # Small matrices: threads of the linear algebra would take longer to meet than to work.
    with one_thread():
        years = expose(known, int(chosen["most_years"]))
        streams = fit_streams(known, years.years, chosen)
        if not streams:
            raise _refuse("nobody came into care in the years known", "check the returns")
        moves = fit_rates(
            years.moves.sum(axis=0),
            years.at_risk.sum(axis=0),
            years.cells.design(moves=True),
        ).even()
        exits, drift = _exits(years, chosen)
    return FlowModel(
        history.places,
        EPOCH + dt.timedelta(days=history.until),
        carried(exits, years.cells, pairs),
        carried(moves, years.cells, pairs),
        drift,
        tuple(streams),
        years.routes,
        _present(history),
        chosen,
        left_before(history),
        waits(history),
        _notes(history, years.years, bool(pairs)),
        tuple(pairs),
    )


def flow(
    history: History, days: Sequence[dt.date], draws: int, rng: np.random.Generator
) -> Forecast:
    """Return the flow model's forecast: fit, then simulate."""
    return fit_flow(history).simulate(days, draws, rng)


def _notes(history: History, years: int, replaces: bool) -> tuple[str, ...]:
    """Return what a reader must know of what was learnt from."""
    notes = []
    if years < 3:
        notes.append("Fewer than three years are known: rates may drift more than they show.")
    if history.gaps:
        notes.append("A year has no return: only the returns after it are learnt from.")
    stays = history.stays
    first = stays.groupby("place")["start"].min()
    if replaces:
        notes.append(
            "Nobody has come into a placement type since another came into use: the second is "
            "taken to have taken the place of the first, whose past is learnt from as its own."
        )
    elif (first > history.until - 2 * YEAR).any() and years > 2:
        notes.append(
            "A placement type was first used in the last two years: how many children it and the "
            "types that it may replace will have is known together better than apart."
        )
    return tuple(notes)


def _refuse(rule: str, mend: str) -> ModelError:
    return ModelError("the flow model cannot be fitted", [Fault("ssda903", rule, mend)])


def _exits(years: Exposure, settings: Mapping[str, float]) -> tuple[Rates, Drift]:
    """Return exit rates at the level of drift nought, and the drift around it."""
    level = np.zeros(years.years)
    design = years.cells.design()
    events = years.exits.sum(axis=0)
    prior = Prior(
        settings["exit_steady"],
        settings["exit_broken"],
        settings["exit_noise"],
        settings["exit_jump"],
        0.0,
        0.0,
        settings["fade"],
    )
    for _ in range(3):
        at_risk = (years.at_risk * np.exp(level)[:, None]).sum(axis=0)
        rates = fit_rates(events, at_risk, design)
        expected = years.at_risk @ rates.mean()
        seen = years.exits.sum(axis=1)
        log = np.log((seen + 0.5) / (expected + 0.5))[::-1]
        # Of what is expected at the level last found, as in fit_counts.
        drift = fit_drift(log, 1 / (expected * np.exp(level) + 0.5)[::-1], prior)
        level = drift.smooth[::-1]
    return rates.even().at_known_level(), drift


def _present(history: History) -> Present:
    stays = history.stays[history.stays["stop"] == OPEN]
    born = born_known(stays)
    whole = _months(born, history.until)
    # The day of the month on which the next month of age is full; never on the origin itself.
    part = np.clip((history.until + 1 - born) / MONTH - whole, 0.02, 0.98)
    return Present(
        whole + part,
        (history.until - stays["entered"].to_numpy() + 0.5) / MONTH,
        stays["place"].to_numpy(),
        stays["uasc"].to_numpy().astype(np.int64),
    )


def _months(born: Ints, day: int) -> Ints:
    """Return completed months of age on a day; on the last of a month all days have come."""
    birth = born.astype("datetime64[D]")
    now = np.datetime64(day, "D")
    month = birth.astype("datetime64[M]")
    whole = now.astype("datetime64[M]")
    ends_month = (now + 1).astype("datetime64[M]") != whole
    behind = ((birth - month) > (now - whole)) & (not ends_month)
    months: Ints = (whole - month).astype(np.int64) - behind
    return months
