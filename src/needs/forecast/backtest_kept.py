"""What a backtest has found: scores, weights and widths, as they are used, shown and kept."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import pandas as pd

from needs.forecast.backtest import Method, Past, rolling, scored
from needs.forecast.combine import calibrated_past, pool_weights, pooled_past
from needs.forecast.history import History
from needs.forecast.method_words import METHOD_WORDS
from needs.forecast.widths import ASIS, Widths, stretches
from needs.vocabulary.errors import ModelError
from needs.vocabulary.records import StudyData

__all__ = ["NOTHING_KEPT", "Backtested", "Kept", "refused_said", "rules_of", "tested_once"]

UNTESTED = "Too few years are known to test any method on past years."

Refusal = tuple[str, dt.date, ModelError]
"""A method, the day that it could not forecast from, and why."""


def rules_of(error: ModelError) -> str:
    """Return what an error found wrong, in words."""
    return " and ".join(fault.rule for fault in error.faults)


def refused_said(refusals: Sequence[Refusal]) -> tuple[str, ...]:
    """Return which methods could not be tested from which days, and why; one text a method."""
    said = []
    for method in dict.fromkeys(m for m, *_ in refusals):
        mine = [(day, error) for m, day, error in refusals if m == method]
        years = _listed([str(day.year) for day, _ in mine])
        why = "; ".join(dict.fromkeys(rules_of(error) for _, error in mine))
        said.append(
            f"“{METHOD_WORDS.get(method, method)}” is not tested from the March of {years}: {why}."
        )
    return tuple(said)


def _listed(words: Sequence[str]) -> str:
    return " and ".join([", ".join(words[:-1]), words[-1]] if words[1:] else words)


class Kept(Protocol):
    """Where the results of earlier backtests of the same inputs, settings and code lie."""

    def load(self) -> str | None:
        """Return what was kept; None where nothing is."""

    def save(self, text: str) -> None:
        """Keep a result."""


class _Nowhere:
    def load(self) -> str | None:
        return None

    def save(self, text: str) -> None:
        """Keep nothing."""


NOTHING_KEPT: Kept = _Nowhere()


@dataclass(frozen=True, eq=False)
class Backtested:
    """What the backtest of a study has found.

    Parameters
    ----------
    rows : DataFrame
        From :func:`needs.forecast.backtest.scored`, of every method and the combined
        forecast; groups that had fewer children than ``least`` on a day looked at are not in
        it, so that no small count is.
    weights : mapping of str to float
        Method -> weight in the combined forecast made now.
    widths : Widths
        Of the combined forecast made now.
    why : tuple of str
        What could not be tested, in words.
    """

    rows: pd.DataFrame = field(repr=False)
    weights: Mapping[str, float]
    widths: Widths = ASIS
    why: tuple[str, ...] = ()

    @classmethod
    def of(
        cls,
        history: History,
        methods: Mapping[str, Method],
        able: Sequence[str],
        groups: Mapping[str, tuple[str, ...]],
        least: float,
        draws: int,
        seed: int,
        step: Callable[[str], None] = lambda _: None,
    ) -> Backtested:
        """Test every method on the past.

        Parameters
        ----------
        history : History
        methods : mapping of str to callable
            All that are scored.
        able : sequence of str
            Those that can be combined: a method that cannot forecast from today cannot.
        groups : mapping of str to tuple of str
            Groups that are scored.
        least : float
            Fewest children on any day for a group to be kept.
        draws : int
        seed : int
        step : callable
            Told what is about to be done.
        """
        refusals: list[Refusal] = []
        try:
            past = rolling(
                history, methods, draws, seed, step=step, refused=lambda *r: refusals.append(r)
            )
        except ModelError:
            return cls(pd.DataFrame(), pool_weights([], able), ASIS, (UNTESTED,))
        step("combined")
        ours = [p for p in past if p.forecast.method in able]
        pools = pooled_past(ours, seed)
        every: list[Past] = [*past, *calibrated_past(pools)]
        return cls(
            _large(scored(every, groups), least),
            pool_weights(ours, able),
            stretches(pools),
            refused_said(refusals),
        )

    def of_groups(self, groups: Sequence[str]) -> pd.DataFrame:
        """Return the rows of some groups; no columns where nothing could be tested."""
        return self.rows[self.rows["group"].isin(groups)] if len(self.rows) else self.rows

    def to_text(self) -> str:
        """Return it as JSON, numbers whole."""
        widths = [self.widths.total, self.widths.others, dict(self.widths.types)]
        content = {
            "columns": list(self.rows.columns),
            "rows": self.rows.to_numpy().tolist(),
            "weights": dict(self.weights),
            "widths": widths,
            "why": list(self.why),
        }
        return json.dumps(content, ensure_ascii=False)

    @classmethod
    def from_text(cls, text: str) -> Backtested:
        """Return what :meth:`to_text` wrote."""
        found = json.loads(text)
        total, others, types = found["widths"]
        rows = pd.DataFrame(found["rows"], columns=found["columns"])
        return cls(rows, found["weights"], Widths(total, others, types), tuple(found["why"]))


def _large(rows: pd.DataFrame, least: float) -> pd.DataFrame:
    fewest = rows.groupby("group")[["base", "outcome"]].min().min(axis=1)
    return rows[rows["group"].isin(fewest.index[fewest >= least])].reset_index(drop=True)


def tested_once(data: StudyData, make: Callable[[], Backtested]) -> Backtested:
    """Return what was kept of an earlier backtest, else make it and keep it.

    The store is the one that the caller of the analyses has put into ``data`` under the name
    ``backtest kept``; without it nothing is kept.
    """

    def work() -> Backtested:
        store = data.once("backtest kept", lambda: NOTHING_KEPT)
        text = store.load()
        if text is not None:
            return Backtested.from_text(text)
        made = make()
        store.save(made.to_text())
        return made

    return data.once("backtest", work)
