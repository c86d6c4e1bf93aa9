"""Demand: what may be needed in the years ahead, and how wrong that may be."""
