"""Stands before a package that builds a grammar for two seconds each time a process starts.

jsonschema takes it for internationalised addresses where it is installed; no notebook has any.
"""

raise ImportError
