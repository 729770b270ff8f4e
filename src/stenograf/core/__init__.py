"""The words of the product as frozen values, its ports, errors and events. No I/O here."""
