"""Selections (poiminta): named conditions over customers or contacts, and fixed lists of them."""
