"""A transcript as text or bytes: one file per format."""
