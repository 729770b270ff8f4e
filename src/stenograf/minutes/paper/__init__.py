"""Minutes as people read them: one layout, one file per format."""
