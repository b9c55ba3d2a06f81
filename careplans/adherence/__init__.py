"""Adherence: which work of a care plan was due, and what of it was done (docs/careplans.md).

Plain Python without models or queries. Pages, nightly sums and the generation of work all call it, so that there is
one definition.
"""
