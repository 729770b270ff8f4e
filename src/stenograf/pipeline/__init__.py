"""The way of one recording, from sound to document."""
