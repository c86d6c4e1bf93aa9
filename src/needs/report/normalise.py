"""Take out of an executed notebook what differs between two runs of the same thing.

What papermill and the kernel leave behind (times, ids, the machine's paths) goes; what the
chapter showed stays. An error's own words may quote data, so only ours are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

__all__ = ["normalise"]

KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
MARKER = "papermill-error-cell-tag"
INJECTED = "injected-parameters"

_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_PLACE = re.compile(r"(?:File (?P<file>\S+?):(?P<line>\d+)|(?P<cell>Cell In\[\d+\], line \d+))")
_FOLDERS = re.compile(r"^.*/(?:site-packages|src|lib/python[\d.]+)/")


def places(traceback: Sequence[str]) -> Iterator[str]:
    """Yield where a traceback leads, innermost last: file and line, no values, no folders."""
    for line in _ANSI.sub("", "\n".join(traceback)).splitlines():
        if found := _PLACE.match(line.strip()):
            if found["cell"]:
                yield found["cell"]
            else:
                path = found["file"].replace("\\", "/")
                inside = _FOLDERS.sub("", path)
                known = inside if inside != path else path.rpartition("/")[2]
                yield f"{known}:{found['line']}"


def _error(output: Mapping[str, Any], ours: Sequence[str]) -> dict[str, Any]:
    """Return an error output that holds no value and no path."""
    name = output["ename"]
    if name in ours:
        return {**output, "traceback": [f"{name}: {output['evalue']}"]}
    hidden = "message hidden, it may quote data"
    return {
        **output,
        "evalue": hidden,
        "traceback": [*places(output["traceback"]), f"{name}: {hidden}"],
    }


def _merge_streams(outputs: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Join neighbouring pieces of one stream: where they are cut depends on timing."""
    merged: list[dict[str, Any]] = []
    for output in outputs:
        last = merged[-1] if merged else {}
        if output["output_type"] == "stream" and last.get("name") == output.get("name"):
            last["text"] += output["text"]
        else:
            merged.append(output)
    return merged


def _code_cell(cell: dict[str, Any], count: int | None, ours: Sequence[str]) -> None:
    """Renumber a code cell and clean its outputs, in place."""
    cell["execution_count"] = count
    cell["outputs"] = _merge_streams(cell["outputs"])
    for i, output in enumerate(cell["outputs"]):
        if output["output_type"] == "execute_result":
            output["execution_count"] = count
        elif output["output_type"] == "error":
            cell["outputs"][i] = type(output)(_error(output, ours))


def normalise(nb: Any, shown_path: str, ours: Sequence[str]) -> Any:
    """Clean an executed notebook, in place, and return it.

    Parameters
    ----------
    nb : nbformat.NotebookNode
        Executed by papermill, finished or not.
    shown_path : str
        What stands for the study in the injected parameter, in place of its path.
    ours : sequence of str
        Names of errors whose words are known to hold no value.
    """
    nb["metadata"] = {
        "kernelspec": dict(KERNEL),
        "language_info": {"file_extension": ".py", "mimetype": "text/x-python", "name": "python"},
    }
    nb["nbformat"], nb["nbformat_minor"] = 4, 5
    nb["cells"] = [c for c in nb["cells"] if MARKER not in c["metadata"].get("tags", ())]
    count = 0
    for number, cell in enumerate(nb["cells"], 1):
        cell["id"] = f"cell-{number}"
        tags = cell["metadata"].get("tags")
        cell["metadata"] = {"tags": list(tags)} if tags else {}
        if INJECTED in (tags or ()):
            cell["source"] = f'# Parameters\nstudy = "{shown_path}"\n'
        if cell["cell_type"] == "code":
            ran = cell["execution_count"] is not None
            count += ran
            _code_cell(cell, count if ran else None, ours)
    return nb
