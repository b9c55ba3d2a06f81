"""Readers of files as rows of text."""
