"""Chapter 75, what if: every result of it."""

from __future__ import annotations

from needs.sufficiency.what_if.results_what_if import what_if

__all__ = ["what_if"]
