"""The protocol maker's services."""
