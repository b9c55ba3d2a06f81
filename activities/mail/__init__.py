"""E-mail: addresses, what goes out, what comes in. Nothing here writes to the database; services do."""
