"""Background work of feedback."""
