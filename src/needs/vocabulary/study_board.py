"""The placement board's settings."""

from __future__ import annotations

import datetime as dt

from pydantic import Field, model_validator

from needs.vocabulary.study_sections import Section

__all__ = ["Board"]


class Board(Section):
    """The placement board: the day its pack is for, and the day of the one before."""

    as_at: dt.date | None = Field(
        None, description="Day of the pack; the last update of the plan, or the as-at date, if none"
    )
    previous: dt.date | None = Field(
        None, description="Day of the board before; the update before, where left out"
    )

    @model_validator(mode="after")
    def _in_order(self) -> Board:
        if self.as_at and self.previous and self.previous >= self.as_at:
            raise ValueError("the board before lies on or after the board")
        return self
