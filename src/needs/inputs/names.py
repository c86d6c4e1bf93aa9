"""Names of the inputs; nothing heavy is imported here."""

from __future__ import annotations

from needs.inputs.tables.declare import NAMES as TABLES

__all__ = ["OFFICIAL", "TABLES"]

OFFICIAL = ("population", "projections", "comparators", "neighbours", "ofsted", "unit_costs")
"""Inputs that a publisher releases, and anybody may download."""
