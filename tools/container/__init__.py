"""Images and containers without Docker: a Dockerfile's steps in a clean Debian, in namespaces."""
