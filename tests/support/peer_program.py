"""What cs-demand-model says of returns; run by the Python that has it, never imported here.

It reads jobs as JSON from its input and writes answers as JSON. A job names a folder of Header
and Episodes files. Every number comes from the program's own classes.
"""

import contextlib
import json
import sys
import time
import warnings
from importlib.metadata import version

import numpy as np
import pandas as pd

warnings.simplefilter("ignore")

from cs_demand_model import (  # noqa: E402
    DemandModellingDataContainer,
    ModelPredictor,
    PopulationStats,
)
from cs_demand_model.config import Config  # noqa: E402
from cs_demand_model.datastore import fs_datastore  # noqa: E402


def opened(folder):
    """Return the program's view of a folder, and the seconds of processor time that it took."""
    begun = time.process_time()
    config = Config()
    container = DemandModellingDataContainer(fs_datastore(folder), config)
    stats = PopulationStats(container.enriched_view, config)
    return stats, time.process_time() - begun


def stock(job):
    """Return the stock on days, and the episodes that make it up."""
    stats, read = opened(job["folder"])
    begun = time.process_time()
    daily = stats.stock
    spent = time.process_time() - begun
    frame = stats.df
    days = {}
    for day in job["days"]:
        d = pd.Timestamp(day)
        # Its own stock_at takes the nearest day that it knows.
        nearest = daily.index[daily.index.get_indexer([d], method="nearest")[0]]
        here = (frame["DECOM"] <= nearest) & (frame["DEC"].isna() | (frame["DEC"] > nearest))
        days[day] = {
            "total": float(stats.stock_at(day).sum()),
            "nearest": str(nearest.date()),
            "children": frame.loc[here, "CHILD"].astype(str).tolist(),
        }
    return {"days": days, "read_seconds": read, "stock_seconds": spent}


def by_type(population):
    """Return children by placement category."""
    sums = {}
    for bin_, n in population.items():
        sums[bin_[1]] = sums.get(bin_[1], 0.0) + float(n)
    return sums


def propagated(model, steps):
    """Return the population after each number of daily steps, as its own ``next`` would.

    One step is linear in the population: children move at constant rates, entrants are a constant
    number. The first step is checked against the program's own.
    """
    rates, numbers = model.transition_rates, model.transition_numbers
    states = sorted({s for pair in [*rates.index, *numbers.index] for s in pair if s != ()})
    states = sorted({*states, *[s for s in model.initial_population.index if s != ()]})
    at = {s: k for k, s in enumerate(states)}
    matrix, entrants = np.eye(len(states)), np.zeros(len(states))
    for (source, target), rate in rates.groupby(level=[0, 1]).sum().items():
        matrix[at[source], at[source]] -= rate
        if target != ():
            matrix[at[target], at[source]] += rate
    for (_, target), number in numbers.groupby(level=[0, 1]).sum().items():
        entrants[at[target]] += number
    now = model.initial_population.reindex(states).fillna(0.0).to_numpy()
    own = model.next().initial_population.reindex(states).fillna(0.0).to_numpy()
    if not np.allclose(matrix @ now + entrants, own, atol=1e-9):
        return None
    found = {}
    for step in range(1, max(steps) + 1):
        now = matrix @ now + entrants
        if step in steps:
            found[step] = dict(zip(states, now.tolist(), strict=True))
    return found


def forecast(job):
    """Return forecasts from an origin by placement category, for each reference window."""
    stats, read = opened(job["folder"])
    origin = pd.Timestamp(job["origin"])
    answer = {"read_seconds": read, "windows": {}}
    for months in job["windows"]:
        begun = time.process_time()
        start = (origin - pd.DateOffset(months=months)).date()
        model = ModelPredictor.from_model(stats, start, origin.date())
        fit = time.process_time() - begun
        steps = [(pd.Timestamp(d) - origin).days for d in job["days"]]
        begun = time.process_time()
        found = None if job.get("daily") else propagated(model, steps)
        exact = found is not None
        if found is None:
            whole = model.predict(max(steps))
            found = {s: whole.iloc[s - 1].to_dict() for s in steps}
        answer["windows"][str(months)] = {
            "base": by_type(model.initial_population),
            "days": [by_type(found[s]) for s in steps],
            "fit_seconds": fit,
            "predict_seconds": time.process_time() - begun,
            "by_matrix": exact,
        }
    return answer


def main():
    """Answer the jobs."""
    begun = time.process_time()
    jobs = json.load(sys.stdin)
    out = sys.stdout
    with contextlib.redirect_stdout(sys.stderr):
        answers = [{"stock": stock, "forecast": forecast}[j["do"]](j) for j in jobs]
    import resource

    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    told = {"version": version("cs-demand-model"), "answers": answers, "peak_mib": peak}
    json.dump({**told, "seconds": time.process_time() - begun}, out)


if __name__ == "__main__":
    main()
