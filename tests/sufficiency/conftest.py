"""Records drawn as text, as the tests of the care room draw them."""

from __future__ import annotations

from drawn_needs import CARE

draw = CARE.draw
