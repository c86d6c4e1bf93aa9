"""The report to committee: what other chapters say, and what people have to write themselves."""
