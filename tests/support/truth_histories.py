"""Independent authorities of known truth, as histories, lived on beyond the day of forecast.

Families and unaccompanied children arrive in Poisson processes and live apart from each other.
Dealing the families of one large authority out at random therefore gives small authorities
that are independent of each other, exactly (the thinning of a Poisson process): eighteen years
of burn-in are paid for once.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from needs.forecast.history import OPEN, History, day_number
from needs.synthetic.engine import History as Lived
from needs.synthetic.engine import day_of, simulate
from needs.synthetic.episodes import Lives, lives
from needs.synthetic.study import RATES
from needs.synthetic.truth import PLACES
from needs.vocabulary.study_sections import default_categories

SCENARIOS = ("stationary", "growing", "shifting")
FIRST = 2012
"""Reporting year of the first return: ten to twelve are known at the origins."""
ORIGINS = (2021, 2022, 2023)
"""Years of the 31 March that is forecast from; authorities take turns."""
AHEAD = 5
ENTRIES, UASC = 330.0, 30.0
SIZE = {"stationary": 0.75, "growing": 0.55, "shifting": 0.65}
"""Share of those numbers a year that give about 730 children at the origin."""
MARGIN = 40
"""Days by which whole days may shift an end of care, and more."""

KEYS = tuple(t.key for t in default_categories().types)


@dataclass(frozen=True)
class Case:
    """One authority: what was known at the origin, and what came."""

    scenario: str
    number: int
    known: History
    days: tuple[dt.date, ...]
    actual: np.ndarray
    """Children by year ahead and placement type, shape (years, places)."""
    told: Lives
    """The same children as a return tells of them, to the last year ahead."""

    @property
    def last(self) -> np.ndarray:
        """Children at the origin by placement type."""
        return self.known.counts(np.array([self.known.until]))[0]


def cases(scenario: str, n: int, seed: int, size: float | None = None) -> list[Case]:
    """Return independent authorities of one scenario.

    Parameters
    ----------
    scenario : {"stationary", "growing", "shifting"}
    n : int
    seed : int
    size : float, optional
        Of each authority: one is 330 entries a year at the start, and 30 unaccompanied;
        about 730 children at the origin where not given.
    """
    made = []
    size = SIZE[scenario] if size is None else size
    for number, (history, told) in enumerate(histories(scenario, n, seed, size)):
        origin = ORIGINS[number % len(ORIGINS)]
        days = tuple(dt.date(origin + y, 3, 31) for y in range(1, AHEAD + 1))
        actual = history.counts(np.array([day_number(d) for d in days]))
        known = history.cut(day_number(dt.date(origin, 3, 31)))
        made.append(Case(scenario, number, known, days, actual, told))
    return made


def histories(scenario: str, n: int, seed: int, size: float) -> Iterator[tuple[History, Lives]]:
    """Yield histories up to the last year ahead, with the children and episodes behind them."""
    life, words, deal = (np.random.default_rng(s) for s in np.random.SeedSequence(seed).spawn(3))
    last = max(ORIGINS) + AHEAD
    truth = RATES[scenario](ENTRIES * size * n, UASC * size * n)
    since, end = day_of(FIRST - 1, 4, 1), day_of(last, 4, 1)
    lived = _seen(simulate(truth, FIRST, last, life), since)
    told = lives(lived, end, words)
    stays = stays_of(told.episodes, told.children, since)
    family = told.children.set_index("child")["family"]
    which = deal.integers(0, n, int(family.max()) + 1)
    mine = which[family.reindex(stays["child"]).to_numpy()]
    whose = which[told.children["family"].to_numpy()]
    episodes = which[family.reindex(told.episodes["child"]).to_numpy()]
    for number in range(n):
        history = History(stays[mine == number].reset_index(drop=True), KEYS, since, end - 1)
        yield (
            history,
            Lives(told.children[whose == number], told.episodes[episodes == number], told.end),
        )


def _seen(h: Lived, since: int) -> Lived:
    """Return a history without the periods of care that ended before the first return."""
    ended = np.full(len(h.population), np.inf)
    out = h.place < 0
    ended[h.spell[out]] = h.day[out]
    kept = ended > since - MARGIN
    number = np.cumsum(kept) - 1
    population = replace(
        h.population,
        **{k: getattr(h.population, k)[kept] for k in h.population.__dataclass_fields__},
    )
    rows = kept[h.spell]
    return Lived(population, number[h.spell[rows]], h.day[rows], h.place[rows], h.next_child)


def stays_of(episodes: pd.DataFrame, children: pd.DataFrame, since: int) -> pd.DataFrame:
    """Return stays as a reader of returns from a day on would know them."""
    e = pd.DataFrame(
        {
            "child": episodes["child"].to_numpy(),
            "period": episodes["period"].to_numpy(),
            "start": _days(episodes["decom"]),
            "stop": np.where(episodes["dec"].isna(), OPEN, _days(episodes["dec"])),
            "place": np.array([KEYS.index(p) for p in PLACES])[episodes["placement"]],
        }
    )
    e = e[e["stop"] >= since].sort_values(["child", "start"], kind="stable")
    e["entered"] = e.groupby("period")["start"].transform("min")
    changed = (e["period"] != e["period"].shift()) | (e["place"] != e["place"].shift())
    ends = e.groupby(changed.cumsum())["stop"].last().to_numpy()
    stays = e[changed].assign(stop=ends).reset_index(drop=True)
    who = children.set_index("child").loc[stays["child"]]
    opens = ~stays["period"].duplicated()
    return stays.assign(
        born=_days(who["dob"]),
        male=who["male"].to_numpy(),
        uasc=who["uasc"].to_numpy(),
        opens=opens,
        earlier=opens.groupby(stays["child"]).cumsum() - 1,
    )


def _days(days: pd.Series) -> np.ndarray:
    return days.to_numpy().astype("datetime64[D]").astype(np.int64)
