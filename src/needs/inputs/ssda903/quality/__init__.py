"""Data quality of SSDA903: twenty-seven groups of rules, what they find, what is repaired."""

from needs.inputs.ssda903.quality.catalogue import CHECKS, RULES, Check
from needs.inputs.ssda903.quality.outcome import QualityOutcome, apply, mended

__all__ = ["CHECKS", "RULES", "Check", "QualityOutcome", "apply", "mended"]
