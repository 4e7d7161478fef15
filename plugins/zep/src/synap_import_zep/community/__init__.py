"""The legacy Community Edition of Zep, read from its PostgreSQL."""
