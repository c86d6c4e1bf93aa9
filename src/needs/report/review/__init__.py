"""Peer review: a pack for whoever checks a report, and who signed which content off."""
