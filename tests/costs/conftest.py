"""Records drawn as text, as the tests of the care room draw them."""

from __future__ import annotations

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

_CARE = Path(__file__).resolve().parents[1] / "care" / "conftest.py"
_spec = spec_from_file_location("care_conftest", _CARE)
_module = module_from_spec(_spec)
_spec.loader.exec_module(_module)

draw = _module.draw
