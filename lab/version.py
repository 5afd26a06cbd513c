"""The version of the lab, for its package, `lab.__version__` and `prompt-lab --version`."""

__version__ = "0.1.0"
