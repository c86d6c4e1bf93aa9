"""Disclosure control, checks of results, provenance."""
