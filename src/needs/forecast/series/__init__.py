"""Demand from series: annual totals, monthly counts, and rates over a population.

:data:`METHODS` names what the backtest can use and what each method needs; :func:`offered`
makes them for a study's population, or without one.
"""

from needs.forecast.series.offered import METHODS, Offer, offered

__all__ = ["METHODS", "Offer", "offered"]
