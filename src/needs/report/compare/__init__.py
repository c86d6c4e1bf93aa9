"""Two reports held against each other: what changed, whether by more than chance, and why."""
