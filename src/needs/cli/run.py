"""``needs run``: from a study to its report."""

from __future__ import annotations
