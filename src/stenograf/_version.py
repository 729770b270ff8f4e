"""The version: the tag's, as the build wrote it down."""

from importlib import import_module

try:
    __version__: str = import_module("stenograf._stamp").__version__
except ModuleNotFoundError:  # sources that nobody has built or installed
    __version__ = "0.dev0"
