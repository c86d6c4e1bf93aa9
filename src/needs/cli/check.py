"""``needs check``: read and check a study's inputs, and write nothing."""

from __future__ import annotations
