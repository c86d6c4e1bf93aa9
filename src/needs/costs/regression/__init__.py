"""Regressions of prices whose rows come in clusters: few providers of uneven size."""
