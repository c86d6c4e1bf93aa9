"""Words for every method that forecasts from records."""

from __future__ import annotations

from needs.forecast.backtest_scores import YARDSTICK
from needs.forecast.combine import COMBINED
from needs.forecast.series.offered import METHODS as OFFERS

__all__ = ["METHOD_WORDS"]

METHOD_WORDS = {
    COMBINED: "Combined forecast",
    "flow": "Flow model",
    **{key: offer.label for key, offer in OFFERS.items()},
    YARDSTICK: "Last value",
    "drift": "Drift carried on",
    "share_method": "Fixed shares, policy reduction",
}
"""Method -> words, in the order in which tables show them."""
