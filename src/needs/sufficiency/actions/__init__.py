"""The placement board's action plan: how it stands, what changed, and which gap it closes."""
