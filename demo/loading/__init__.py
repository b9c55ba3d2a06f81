"""The way of made-up rows into the database: COPY, in batches, without history."""
