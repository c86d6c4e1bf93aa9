"""What every result of chapter 20 shares: the records in view, their words, their source."""

from __future__ import annotations

import datetime as dt
import weakref
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from needs.care.placements import temporary_rule
from needs.care.stock import stock_on
from needs.care.windows import Shown, day_words, shown
from needs.vocabulary.records import Records, StudyData
from needs.vocabulary.study import Scope, Study

__all__ = ["COUNTING_RULE", "Basis"]

COUNTING_RULE = (
    "Counted as the DfE counts: an episode that started on or before the day and has not ended "
    "on or before it; legal statuses V3 and V4 (short-break series) left out; under 18 on the "
    "day, but for V2 in a registered children's home (K2); each child once."
)


_Kept = tuple["weakref.ref[Records]", tuple[tuple[dt.date, ...], Scope], pd.DataFrame]
_KEPT: dict[str, _Kept] = {}
"""The stock last asked for, with the records and settings that it is of."""


@dataclass(frozen=True)
class Basis:
    """A study's records as chapter 20 looks at them.

    Parameters
    ----------
    study : Study
        Settings.
    records : Records
        Checked records.
    shown : Shown
        Days and years shown.
    """

    study: Study
    records: Records
    shown: Shown

    @classmethod
    def of(cls, data: StudyData) -> Basis:
        """Return the basis of a study.

        Raises
        ------
        InputMissing
            If the study has no SSDA903 returns.
        ModelError
            If no return covers the as-at date.
        """
        records = data.records
        return cls(data.study, records, shown(records, data.study))

    @property
    def scope(self) -> Scope:
        """Who counts."""
        return self.study.authority.scope

    @property
    def label(self) -> str:
        """The authority's own words for the children, such as ``children we care for``."""
        return self.study.authority.label

    @property
    def heading(self) -> str:
        """The label as a title starts with it."""
        return self.label[:1].upper() + self.label[1:]

    @property
    def source(self) -> str:
        """Where the numbers come from."""
        names = self.records.returns.sort_values("return_year")["label"].tolist()
        span = names[0] if len(names) == 1 else f"{names[0]} to {names[-1]}"
        return f"{self.study.authority.short_name}: SSDA903 returns {span}"

    @property
    def date_keys(self) -> list[str]:
        """Periods of the stock: ISO dates."""
        return [d.isoformat() for d in self.shown.dates]

    @property
    def date_labels(self) -> dict[str, str]:
        """Words for the periods of the stock."""
        return {d.isoformat(): day_words(d, short=True) for d in self.shown.dates}

    @property
    def window_keys(self) -> list[str]:
        """Periods of the flows."""
        return [w.key for w in self.shown.windows]

    @property
    def window_labels(self) -> dict[str, str]:
        """Words for the periods of the flows."""
        return {w.key: w.label for w in self.shown.windows}

    def stock_subtitle(self, what: str) -> str:
        """Return measure, place and days."""
        return f"{what}, {self.study.authority.name}, {_span(self.shown.dates)}"

    def flow_subtitle(self, what: str) -> str:
        """Return measure, place and years."""
        labels = [w.label for w in self.shown.windows]
        span = labels[0] if len(labels) == 1 else f"{labels[0]} to {labels[-1]}"
        return f"{what}, {self.study.authority.name}, {span}"

    def settings(self) -> dict[str, object]:
        """Return the settings and assumptions that the counts rest on."""
        return {
            "scope": self.scope.model_dump(),
            "as_at": self.study.period.as_at.isoformat(),
            "counting_rule": COUNTING_RULE,
            "temporary_moves": temporary_rule(self.study.counting),
            **{f"counting_{k}": v for k, v in self.study.counting.model_dump().items()},
        }

    def stock(self, scope: Scope | None = None) -> pd.DataFrame:
        """Return the children looked after on each day shown, with ``period`` (ISO date).

        Kept until another is asked for: most results of the chapter start from the same one.
        """
        key = (self.shown.dates, scope or self.scope)
        kept = _KEPT.get("stock")
        if kept and kept[0]() is self.records and kept[1] == key:
            return kept[2].copy(deep=False)
        frame = self._counted(scope)
        _KEPT["stock"] = (weakref.ref(self.records), key, frame)
        return frame.copy(deep=False)

    def _counted(self, scope: Scope | None) -> pd.DataFrame:
        frame = stock_on(self.records, self.shown.dates, scope or self.scope)
        frame["period"] = pd.Categorical.from_codes(
            np.searchsorted(
                np.array(self.shown.dates, dtype="datetime64[ns]"), frame["date"].to_numpy()
            ).tolist(),
            categories=pd.Index(self.date_keys),
        )
        return frame


def _span(dates: Sequence[dt.date]) -> str:
    if len(dates) == 1:
        return day_words(dates[0])
    if all((d.month, d.day) == (3, 31) for d in dates):
        return f"31 March {dates[0].year} to {dates[-1].year}"
    return f"{day_words(dates[0])} to {day_words(dates[-1])}"
