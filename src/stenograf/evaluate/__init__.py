"""How good a result is: error rates against a reference."""
