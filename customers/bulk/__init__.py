"""Bulk operations on customers."""
