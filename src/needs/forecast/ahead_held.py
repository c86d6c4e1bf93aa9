"""Chapter 50 from records: what ranges by placement type have held in past years, in words."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from needs.forecast.ahead_words import FEW
from needs.forecast.combine import COMBINED
from needs.vocabulary.results import Sentence, figure_id

__all__ = ["narrow_said", "span_said"]

NARROW = 65
"""Ranges that leave a tenth on each side and held less than this share of past outcomes, in per
cent, are called too narrow."""


def span_said(ours: pd.DataFrame, words: Mapping[str, str]) -> tuple[Sentence, ...]:
    """Return the least and the most that ranges of a type have held, and what that proves."""
    if len(ours) < 2:
        return ()
    share = ours.set_index("group")["cover_80_pct"]
    least, most = str(share.idxmin()), str(share.idxmax())
    return (
        Sentence(
            "Ranges that leave a tenth on each side held between {low} (“{least}”) and {high} "
            "(“{most}”) of what came.{doubt}",
            {
                k: figure_id("ahead_methods_types", "cover_80_pct", g, by=COMBINED)
                for k, g in (("low", least), ("high", most))
            },
            {
                "least": words[least],
                "most": words[most],
                "doubt": " With so few days to forecast from, whether a type's ranges hold what "
                "they claim cannot be shown."
                if int(ours["origins_n"].max()) < FEW
                else "",
            },
        ),
    )


def narrow_said(ours: pd.DataFrame, words: Mapping[str, str]) -> tuple[Sentence, ...]:
    """Return which types' ranges were too narrow in past years, and what was done about it.

    Parameters
    ----------
    ours : DataFrame
        As for :func:`span_said`.
    words : mapping of str to str
        Placement type -> words.
    """
    share = ours.set_index("group")["cover_80_pct"]
    narrow = [g for g in words if g in share.index and share[g] < NARROW]
    if not narrow:
        return ()
    keys = [chr(ord("a") + i) for i in range(len(narrow))]
    each = [f"“{{{k}_words}}” ({{{k}}} held)" for k in keys]
    listed = " and ".join([", ".join(each[:-1]), each[-1]] if each[1:] else each)
    return (
        Sentence(
            f"In past years such ranges were too narrow for {listed}. Those printed now are made "
            "wider, as far as the errors of so few years prove it.",
            {
                k: figure_id("ahead_methods_types", "cover_80_pct", g, by=COMBINED)
                for k, g in zip(keys, narrow, strict=True)
            },
            {f"{k}_words": words[g] for k, g in zip(keys, narrow, strict=True)},
        ),
    )
