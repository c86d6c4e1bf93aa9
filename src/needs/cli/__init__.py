"""The command line: thin commands that read arguments and call the library.

Every command lives in a module of its own, named in :data:`COMMANDS`. Those modules import
nothing heavy at the top, so that ``needs --help`` answers at once.
"""

from __future__ import annotations

import sys
import traceback
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from inspect import getdoc

import typer

from needs import __version__
from needs.vocabulary.errors import EnvironmentFault, NeedsError

__all__ = ["COMMANDS", "EXIT_CODES", "main"]

COMMANDS: dict[str, str] = {
    "run": "needs.cli.run:run",
    "run-all": "needs.cli.run_all:run_all",
    "check": "needs.cli.check:check",
    "compare": "needs.cli.compare:compare",
    "review": "needs.cli.review:review",
    "disclose": "needs.cli.disclose:disclose",
    "audit": "needs.cli.audit:audit",
    "backtest": "needs.cli.backtest:backtest",
    "schema": "needs.cli.schema:schema",
    "inputs": "needs.cli.inputs:inputs",
    "doctor": "needs.cli.doctor:doctor",
    "new-study": "needs.cli.scaffold:new_study",
    "synthesise": "needs.cli.synthesise:synthesise",
    "synthesise-region": "needs.cli.synthesise:synthesise_region",
}
"""Command name -> ``module:function``, in the order of the help page."""

EXIT_CODES: dict[int, str] = {
    0: "done, or nothing to do",
    1: "unexpected fault (run again with --debug)",
    2: "the command line itself is wrong",
    10: "the study file is wrong",
    11: "an input file cannot be read or breaks its schema",
    12: "a result needs an input that the study does not have",
    13: "a chapter failed; its partial notebook is kept",
    14: "a report, workbook or table could not be made",
    15: "everything was made but the PDF",
    16: "stopped: an identifier or a hidden count would have been written",
    17: "something is missing from this machine (see needs doctor)",
    18: "another run of the same study is in progress",
    19: "the data are too few or too poor for an analysis",
    20: "published figures do not agree (needs audit --strict)",
    21: "some studies of a batch were not done (needs run-all)",
    22: "restated figures lack a reason (needs compare --strict)",
    23: "what was signed off has changed since, or may not be signed yet (needs review)",
    130: "interrupted",
}
"""Exit code -> meaning; printed by ``needs --help``."""

HELP = """Turn an authority's returns into its placement needs analysis.

\b
Examples:
  needs run analysis/oxfordshire-published
  needs run analysis/oxfordshire-published --only 20
  needs check analysis/oxfordshire-published
"""

EPILOG = "\b\nExit codes:\n" + "\n".join(f"  {n:>3}  {text}" for n, text in EXIT_CODES.items())


def _version(asked: bool) -> None:
    if asked:
        typer.echo(f"needs {__version__}")
        raise typer.Exit


def _options(
    version: bool = typer.Option(
        False, "--version", callback=_version, is_eager=True, help="Print the version."
    ),
    debug: bool = typer.Option(
        False, "--debug", help="Show the traceback of an error; it may quote data."
    ),
) -> None:
    # Both are acted on elsewhere: by the callback, and by main() before commands are read.
    del version, debug


def _app() -> typer.Typer:
    app = typer.Typer(
        add_completion=False,
        no_args_is_help=True,
        pretty_exceptions_enable=False,
        rich_markup_mode=None,
        help=HELP,
        epilog=EPILOG,
        context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
        callback=_options,
    )
    for name, place in COMMANDS.items():
        module, function = place.split(":")
        if find_spec(module):
            command = getattr(import_module(module), function)
            # A raw docstring spells the mark that keeps its examples' lines apart.
            app.command(name, help=(getdoc(command) or "").replace("\\b\n", "\b\n"))(command)
    return app


def _report(error: BaseException) -> int:
    """Say on stderr what went wrong and return the exit code."""
    if isinstance(error, NeedsError):
        typer.echo(f"error: {error}", err=True)
        return error.exit_code
    if isinstance(error, ModuleNotFoundError) and not (error.name or "").startswith("needs"):
        say = f"error: the package '{error.name}' is not installed. Mend: `needs doctor` says how"
        typer.echo(say, err=True)
        return EnvironmentFault.exit_code
    # The text of an unforeseen error may quote data, so only its kind is shown.
    typer.echo(f"error: unexpected {type(error).__name__}; run again with --debug", err=True)
    return 1


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and leave with its exit code.

    Parameters
    ----------
    arguments : sequence of str, optional
        Words after ``needs``; the process's own by default. ``--debug`` may stand anywhere.

    Raises
    ------
    SystemExit
        Always, with a code of :data:`EXIT_CODES`.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    debug = "--debug" in words
    try:
        _app()(args=[w for w in words if w != "--debug"], prog_name="needs")
    except Exception as error:  # the outermost boundary: every error becomes an exit code
        if debug:
            traceback.print_exc()
            typer.echo("the lines above may quote data: look before you pass them on", err=True)
        sys.exit(_report(error))
    return 0
