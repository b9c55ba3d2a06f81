"""Offers as PDF."""
