"""Placement needs analysis and sufficiency annexes for children looked after."""

__version__ = "0.1.0"
__all__ = ["__version__"]
