"""The placement board's pack: what its terms of reference ask to be reported, as at a day."""
