"""Adapters for model runtimes: one file per runtime, imported only when used."""
