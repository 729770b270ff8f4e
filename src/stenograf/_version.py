"""The version: the tag's, as the build wrote it down."""

try:
    from stenograf._stamp import __version__
except ModuleNotFoundError:  # sources that nobody has built or installed
    __version__ = "0.dev0"

__all__ = ["__version__"]
