"""What ties the tables of health and of reviews to each other and to the number looked after.

Children looked after for a year are some of the stock, those under five some of them. What one
count has over the other is a count of people that nobody prints: those who came within the
year, those aged five to nine, those whose substance misuse nobody acted on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from needs.care.results_health import HEALTH, REVIEWS
from needs.care.windows import Window
from needs.vocabulary.kin import Tie, at_least, same
from needs.vocabulary.results import ALL, Result, figure_id

__all__ = ["health_ties"]

_WHOLE = ("health_assessment", "dental", "immunised", "substance_misuse")
_YOUNG = ("age_under_1", "age_1_to_4")
_OLD = ("age_10_to_15", "age_16_plus")


def health_ties(windows: tuple[Window, ...], results: Mapping[str, Result]) -> Iterator[Tie]:
    """Yield the relations of these tables, for each whole year."""
    for w in windows:
        if not w.part and HEALTH in results:
            yield from _of_health(w)
        if not w.part and REVIEWS in results:
            yield from _of_reviews(w)


def _part(whole: str, *parts: str) -> Iterator[Tie]:
    """Yield that parts are within a whole, and that the rest is a count of people."""
    yield at_least(whole, *parts)
    yield Tie(((whole, 1), *((p, -1) for p in parts)), "rest")


def _of_health(w: Window) -> Iterator[Tie]:
    day = w.end.isoformat()

    def of(indicator: str, measure: str = "base_n") -> str:
        return figure_id(HEALTH, measure, indicator, w.key)

    cohort = of(_WHOLE[0])
    yield from same(cohort, *(of(i) for i in _WHOLE[1:]))
    yield from _part(figure_id("cla_stock", "children_n", ALL, day), cohort)
    yield from _part(cohort, of("development"), of("convicted"))
    for indicator, bands in (("development", _YOUNG), ("convicted", _OLD)):
        ages = [figure_id("cla_age", "children_n", b, day) for b in bands]
        terms = (*((i, 1) for i in ages), (of(indicator), -1))
        yield Tie(terms, "at_least")
        yield Tie(terms, "rest")
    yield from _part(cohort, figure_id("cla_long_term_stability", "children_n", ALL, day))
    yield from same(of("substance_misuse", "yes_n"), *(of(i) for i in ("intervention", "refused")))
    # Who refused received none; the others were offered none, or it is not known.
    yield from _part(of("intervention", "no_n"), of("refused", "yes_n"))
    yield from _part(of("refused", "no_n"), of("intervention", "yes_n"))
    yield from _part(of("refused", "not_known_n"), of("intervention", "not_known_n"))


def _of_reviews(w: Window) -> Iterator[Tie]:
    def of(indicator: str) -> str:
        return figure_id(REVIEWS, "base_n", indicator, w.key)

    stock = figure_id("cla_stock", "children_n", ALL, w.end.isoformat())
    yield from _part(stock, of("on_time"))
    yield from _part(of("on_time"), of("took_part"))
    yield from _part(of("on_time"), figure_id(HEALTH, "base_n", _WHOLE[0], w.key))
