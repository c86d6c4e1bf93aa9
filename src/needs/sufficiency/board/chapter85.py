"""Chapter 85, the placement board: its pack and its action plan."""

from __future__ import annotations

from needs.sufficiency.actions.results_gap import gap_closed
from needs.sufficiency.actions.results_plan import action_ratings, action_words, actions
from needs.sufficiency.board.results_dashboard import dashboard, risks
from needs.sufficiency.board.results_finance import finance_position, spot_placements
from needs.sufficiency.board.results_provision import (
    contracts,
    empty_places,
    how_full,
    internal_provision,
)

__all__ = [
    "action_ratings",
    "action_words",
    "actions",
    "contracts",
    "dashboard",
    "empty_places",
    "finance_position",
    "gap_closed",
    "how_full",
    "internal_provision",
    "risks",
    "spot_placements",
]
