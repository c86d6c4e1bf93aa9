"""Data files of the vocabulary: code lists and the default category map."""
