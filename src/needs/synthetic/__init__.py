"""Synthetic authorities whose truth is known: entry rates, hazards, needs and costs.

Nobody in these records exists. They let the whole product be shown, and every method be
scored against rates that are written down beside the data.
"""
