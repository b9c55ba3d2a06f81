"""Bulk operations that add, close and reassign activities."""
