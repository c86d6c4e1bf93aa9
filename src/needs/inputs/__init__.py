"""The only readers of files: recognise, check, report every fault at once, hash."""
