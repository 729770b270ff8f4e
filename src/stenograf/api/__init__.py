"""The HTTP server: one router for each contract, over `app`, `library` and `jobs`."""
