"""``needs schema``: the published schema of study.toml."""

from __future__ import annotations

import typer

__all__ = ["schema"]


def schema() -> None:
    r"""Print the JSON Schema of study.toml.

    \b
    Example:
      needs schema > study.schema.json
    """
    import json  # noqa: PLC0415

    from needs.vocabulary.study import Study  # noqa: PLC0415

    typer.echo(json.dumps(Study.model_json_schema(), indent=2, sort_keys=True, ensure_ascii=False))
