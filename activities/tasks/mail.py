"""Background work of mail."""
