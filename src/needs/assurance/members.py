"""Every module that has results of the study's household, so that it is complete whoever asks.

What a table hides must not depend on which other modules happen to be imported.
"""

from __future__ import annotations

from needs.assurance import data_quality, inputs_quality
from needs.care import annexes, chapter20, chapter20_services
from needs.costs import chapter60
from needs.profiles import chapter30, chapter30_homes
from needs.sufficiency.fostering import chapter45

__all__ = [
    "annexes",
    "chapter20",
    "chapter20_services",
    "chapter30",
    "chapter30_homes",
    "chapter45",
    "chapter60",
    "data_quality",
    "inputs_quality",
]
