"""Demand from annual totals alone: one count a year for each authority."""
