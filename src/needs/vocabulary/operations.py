"""How one printed number may follow from others: the words that a typed relation uses."""

from __future__ import annotations

__all__ = ["CONSTANT", "OPERATIONS", "PLUS", "SPAN", "TIMES"]

OPERATIONS: dict[str, str] = {
    "sum": "all operands added",
    "difference": "the first operand less the others",
    "share": "the first operand as a percentage of the second",
    "growth": "the percentage by which the second operand exceeds the first",
    "fall": "the percentage by which the second operand falls short of the first",
    "product": "all operands multiplied; a percentage counts as hundredths",
    "quotient": "the first operand divided by the second",
    "rate": "the first operand for each ten thousand of the second",
    "equal": "the same number printed at another place",
    "at_most": "no greater than the operand",
}
"""Operation -> what it does with its operands, in their order."""

CONSTANT = "="
"""An operand that starts with it is a plain number, such as ``=52`` weeks."""

SPAN = ".."
"""Stands between two figures where anything from one to the other may be meant."""

TIMES = "*"
"""Stands between two figures whose product is meant, such as a number and a share of it."""

PLUS = "+"
"""Stands between figures, products or plain numbers whose sum is meant, such as a base in parts."""
