"""Classes and scripts under the names that older programs import and run; see `compat/`."""
