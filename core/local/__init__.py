"""Private PostgreSQL and Valkey for machines where ``DATABASE_URL`` / ``REDIS_URL`` are not set."""
