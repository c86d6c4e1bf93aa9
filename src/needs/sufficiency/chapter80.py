"""Chapter 80, strategy: targets, strategies side by side, and the plan of what to commission."""

from __future__ import annotations

from needs.sufficiency.strategy.results_beside import (
    strategies_children,
    strategies_places,
    strategies_targets,
)
from needs.sufficiency.strategy.results_cost import strategies_cost, strategies_set
from needs.sufficiency.strategy.results_overview import strategies_beside
from needs.sufficiency.strategy.results_plan import commissioning_needed, commissioning_plan
from needs.sufficiency.targets.results_now import targets_chance, targets_now
from needs.sufficiency.targets.results_path import targets_path, targets_steep
from needs.sufficiency.targets.results_set import targets_past, targets_set

__all__ = [
    "commissioning_needed",
    "commissioning_plan",
    "strategies_beside",
    "strategies_children",
    "strategies_cost",
    "strategies_places",
    "strategies_set",
    "strategies_targets",
    "targets_chance",
    "targets_now",
    "targets_past",
    "targets_path",
    "targets_set",
    "targets_steep",
]
