"""Children looked after: episodes, placements, stock, flows and stability."""
