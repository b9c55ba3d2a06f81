"""How rows get into the database: staged by COPY, matched in SQL, compared and written in batches."""
