"""The market of placements: who is registered, how placements are bought, and of how many."""
