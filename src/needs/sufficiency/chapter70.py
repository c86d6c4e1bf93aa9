"""Chapter 70, budget and investment: what placements will cost, how sure, and what moves it."""

from __future__ import annotations

from needs.sufficiency.budget_ahead import budget_ahead, budget_risk

__all__ = ["budget_ahead", "budget_risk"]
