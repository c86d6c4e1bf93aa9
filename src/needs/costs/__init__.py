"""What placements cost, why it changed, and what it may cost: from cost lines and records."""
