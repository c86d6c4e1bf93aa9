"""The page on official files says what the readers take."""

from __future__ import annotations

from pathlib import Path

import pytest

from needs.inputs.names import OFFICIAL
from needs.inputs.official.docs import page
from needs.inputs.official.layouts import LAYOUTS

pytestmark = pytest.mark.unit

PAGE = Path(__file__).resolve().parents[3] / "analysis" / "OFFICIAL.md"


def test_the_page_is_in_step_with_the_layouts():
    assert PAGE.read_text("utf-8") == page()


def test_every_official_input_has_a_layout_and_a_section():
    assert {layout.input for layout in LAYOUTS} == set(OFFICIAL)
    assert all(f"(`{name}`)" in page() for name in OFFICIAL)
    assert all(f"| {layout.label} |" in page() for layout in LAYOUTS)
