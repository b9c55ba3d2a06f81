"""Background work of calendar."""
