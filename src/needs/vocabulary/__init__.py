"""The words everybody uses: errors, periods, codes, units, results, records and the study.

This room imports nothing of ours; every other room may import it.
"""
