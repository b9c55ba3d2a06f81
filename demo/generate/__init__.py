"""Made-up organisations, people and work. The same seed, day and world give the same rows."""
