"""Which family fits: the wrong one is found out, the right one is left standing."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from drawn_prices import drawn

from needs.costs.regression.fits import FAMILIES, GAMMA, LOG_OLS, fit_prices
from needs.costs.regression.specification import (
    LEVEL,
    chosen,
    compared,
    held_out,
    hosmer_lemeshow,
    park,
    pregibon,
    uneven_spread,
)
from needs.vocabulary.errors import ModelError

ROWS = 2000


@pytest.mark.property
def test_a_wrong_family_is_detected_and_the_right_one_is_not(long_form, claims):
    """Prices of each family in turn; each other one is to be refused nine times in ten."""
    times = 2000 if long_form else 12
    for providers in (25, 60):
        lines, wrong, right = [], [], []
        for truth, power in FAMILIES.items():
            rng = np.random.default_rng([providers, int(power)])
            refused = dict.fromkeys(FAMILIES, 0.0)
            picked = 0
            for _ in range(times):
                d = drawn(rng, providers, ROWS, power=power, sd=0.1)
                spread = park(d.price, fit_prices(d.price, d.design, d.provider))
                refused = {k: n + (spread.p_values[k] < LEVEL) for k, n in refused.items()}
                picked += chosen(spread) == truth
            found = {k: n / times for k, n in refused.items()}
            right.append(found.pop(truth))
            wrong += list(found.values())
            words = ", ".join(f"{k} {v:.1%}" for k, v in found.items())
            lines.append(
                f"{truth:16} refused {right[-1]:.1%}; others: {words}; chosen {picked / times:.1%}"
            )
        if long_form:
            title = f"Modified Park test, {providers} providers, {ROWS} rows, {times} authorities"
            claims.told(title, "\n".join(lines))
            name = f"wrong families refused, {providers} providers, {ROWS} rows, at least"
            assert claims.held(name, f"{min(wrong):.1%}", "90%", min(wrong) >= 0.9)
            name = f"right family refused, {providers} providers, at most"
            limit = LEVEL + 0.02
            assert claims.held(name, f"{max(right):.1%}", f"{limit:.0%}", max(right) <= limit)
        # Few draws: all pairs together, with what chance adds.
        assert np.mean(wrong) >= 0.9
        assert np.mean(right) <= LEVEL + 3 * np.sqrt(LEVEL * (1 - LEVEL) / (4 * times))


@pytest.mark.property
def test_tests_of_the_link_and_of_tenths_keep_their_level_and_see_a_wrong_link(long_form, claims):
    """A right link is refused one time in twenty; prices that add up in pounds are found out."""
    times = 2000 if long_form else 20
    rng = np.random.default_rng(11)
    found = {"link": 0, "tenths": 0, "bent link": 0, "bent tenths": 0}
    for _ in range(times):
        d = drawn(rng, 25, 800, sd=0.1)
        fit = fit_prices(d.price, d.design, d.provider)
        found["link"] += pregibon(d.price, d.design, fit) < LEVEL
        found["tenths"] += hosmer_lemeshow(d.design, fit, rng) < LEVEL
        # Pounds that needs add from the seventh on, where the model multiplies from the first.
        steep = 400 + 150 * (d.design["needs"] - 6).clip(lower=0)
        price = steep.to_numpy() * rng.gamma(12, 1 / 12, 800)
        bent = fit_prices(price, d.design, d.provider)
        found["bent link"] += pregibon(price, d.design, bent) < LEVEL
        found["bent tenths"] += hosmer_lemeshow(d.design, bent, rng) < LEVEL
    share = {k: n / times for k, n in found.items()}
    if long_form:
        words = ", ".join(f"{k} {v:.1%}" for k, v in share.items())
        claims.stated(
            f"link and tenths refused, 25 providers, 800 rows, {times} authorities", words
        )
    slack = 0.02 + 3 * np.sqrt(LEVEL * (1 - LEVEL) / times)
    assert share["link"] <= LEVEL + slack and share["tenths"] <= LEVEL + slack
    assert share["bent link"] >= 0.9 and share["bent tenths"] >= 0.9


@pytest.mark.property
def test_an_uneven_spread_of_logarithms_is_seen(long_form, claims):
    """Where the variance grows with the price alone, logarithms of dear prices vary less."""
    times = 2000 if long_form else 20
    rng = np.random.default_rng(12)
    even = uneven = 0
    for _ in range(times):
        for power in (2.0, 1.0):
            d = drawn(rng, 25, ROWS, power=power, sd=0.0)
            seen = uneven_spread(d.design, fit_prices(d.price, d.design, d.provider, LOG_OLS))
            even += power == 2.0 and seen < LEVEL
            uneven += power == 1.0 and seen < LEVEL
    if long_form:
        words = f"{uneven / times:.1%} where uneven, {even / times:.1%} where even"
        claims.stated(f"spread of logarithms refused, {times} authorities", words)
    assert uneven / times >= 0.9
    assert even / times <= LEVEL + 0.02 + 3 * np.sqrt(LEVEL * (1 - LEVEL) / times)


@pytest.mark.unit
def test_families_are_told_side_by_side_with_errors_on_other_providers():
    d = drawn(np.random.default_rng(13), 25, 900)
    spread, found = compared(d.price, d.design, d.provider, np.random.default_rng(1))
    assert list(found.index) == [*FAMILIES, LOG_OLS] and found.notna().all().all()
    assert (found["error_pct"] < found["plain_pct"]).all()
    assert spread.lower < 2 < spread.upper and chosen(spread) == GAMMA
    told, plain = held_out(d.price, d.design, d.provider, GAMMA)
    fold = d.provider % 5 == 2
    without = fit_prices(d.price[~fold], d.design[~fold], d.provider[~fold])
    assert np.allclose(told[fold], without.predict(d.design[fold]))
    assert np.allclose(plain[fold], d.price[~fold].mean())


@pytest.mark.unit
def test_gamma_is_left_only_where_it_is_refused():
    d = drawn(np.random.default_rng(14), 25, ROWS, power=0.0, sd=0.05)
    assert chosen(park(d.price, fit_prices(d.price, d.design, d.provider))) == "gaussian"


@pytest.mark.unit
def test_what_is_overfitted_is_told_of_too_far_apart():
    """Copas: with a column for each few rows, what is foretold is more spread than what is paid."""
    rng = np.random.default_rng(15)
    d = drawn(rng, 25, 200, sd=0.3)
    noise = pd.DataFrame(rng.normal(size=(200, 30)), columns=[f"n{k}" for k in range(30)])
    _, plain = compared(d.price, d.design, d.provider, rng)
    _, fitted = compared(d.price, d.design.join(noise), d.provider, rng)
    assert fitted.loc[GAMMA, "slope"] < 0.6 < plain.loc[GAMMA, "slope"]
    assert fitted.loc[GAMMA, "slope_p"] < 0.01


@pytest.mark.unit
def test_single_rows_tell_nothing_of_the_spread_within_providers():
    d = drawn(np.random.default_rng(16), 40, 40)
    with pytest.raises(ModelError, match="two rows"):
        park(d.price, fit_prices(d.price, d.design, d.provider))
