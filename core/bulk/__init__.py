"""Work on many rows of a list at once: choose, preview, run as a job, see the outcome of each row, undo."""
