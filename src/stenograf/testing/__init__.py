"""Fakes, builders and small recordings for tests and documentation."""
