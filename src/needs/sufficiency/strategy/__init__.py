"""Strategies side by side, and the plan of what to commission."""
