"""``needs backtest``: what forecasts would have said in past years, and how far they were out."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["backtest"]


def backtest(
    study: Annotated[
        Path, typer.Argument(help="A study.toml, the folder that holds it, or a panel CSV.")
    ],
    out: Annotated[
        Path | None, typer.Option("--out", help="Write the scores here instead, CSV.")
    ] = None,
) -> None:
    r"""Forecast again from each past March, with only what was known then, and score it.

    The total of children one to five years ahead, for every method: mean absolute error, error
    as a multiple of the last value's (MASE), CRPS, bias, and how often ranges held what came.
    A study without returns is tested on its printed totals. What was found is kept beside the
    reports: an unchanged study is not tested again.

    \b
    Examples:
      needs backtest analysis/oxfordshire-2022-23
      needs backtest analysis/oxfordshire-2022-23 --out scores.csv
      needs backtest cla_panel_all_authorities_2010_2023.csv
    """
    from rich.box import SIMPLE  # noqa: PLC0415
    from rich.console import Console  # noqa: PLC0415
    from rich.table import Table  # noqa: PLC0415

    from needs.report.backtest import (  # noqa: PLC0415
        METHOD_WORDS,
        VERDICTS,
        backtest_study,
        write_backtest,
    )

    console = Console(highlight=False)
    with Console(stderr=True).status("forecasting again from past years") as status:
        usual, scores, judged = backtest_study(
            study, lambda doing: status.update(f"forecasting again from past years: {doing}")
        )
    table = Table(
        title="Total of children, by years ahead (0: all)", title_justify="left", box=SIMPLE
    )
    columns = {
        "mae": "MAE", "mase": "MASE", "crps": "CRPS", "bias": "bias", "cover_50": "50%",
        "cover_80": "80%", "cover_95": "95%", "origins_n": "days",
    }  # fmt: skip
    for name in ("method", "ahead", *columns.values()):
        left = name == "method"
        table.add_column(name, justify="left" if left else "right", no_wrap=not left)
    for r in scores.sort_values(["horizon", "crps"], kind="stable").to_dict("records"):
        shown = (f"{r[c]:.2f}" if c == "mase" else f"{r[c]:.0f}" for c in columns)
        table.add_row(METHOD_WORDS[r["method"]], str(r["horizon"]), *shown)
    console.print(table)
    for r in judged.to_dict("records"):
        typer.echo(f"{METHOD_WORDS[r['method']]}: {VERDICTS[r['verdict']]}")
    path = usual if out is None else out
    write_backtest(scores, path)
    typer.echo(f"written: {path}")
