"""iCalendar (RFC 5545) without the database: rules of recurrence, calendars that are made and that are read."""
