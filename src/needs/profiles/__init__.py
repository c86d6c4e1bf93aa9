"""Needs of children: scores, and groups of children with like needs."""
