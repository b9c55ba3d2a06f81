"""Generated work: what plans ask for comes into calendars, and leaves them when they do not ask any more."""
