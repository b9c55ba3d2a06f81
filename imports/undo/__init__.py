"""Taking back what an import wrote: reading its changes in the history, planning, and writing in batches."""
