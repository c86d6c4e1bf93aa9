"""Homes and households against demand: places, who fits where, and the chance of a shortage."""
