"""Ordered changes of the database's format, for Alembic."""
