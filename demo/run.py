"""Make the two-person conversation and print who said what."""
