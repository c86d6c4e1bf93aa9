"""Demand from series: annual totals, monthly counts, and rates over a population.

What the backtest can use, and what each method needs, is in
:mod:`needs.forecast.series.offered`.
"""
