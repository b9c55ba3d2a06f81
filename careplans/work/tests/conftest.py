"""People with the rights that care plans ask for, and those without."""

from careplans.plans.tests.conftest import colleague, director, keeper, owner, reader

__all__ = ["colleague", "director", "keeper", "owner", "reader"]
