"""Every write about customers and contacts that touches more than one row."""

from customers.services.summaries import summaries_refresh

__all__ = ["summaries_refresh"]
