"""Targets: where the authority is, where its forecast says it will be, and with what chance."""
