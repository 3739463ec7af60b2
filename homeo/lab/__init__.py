"""Live experiments: the models of this package, compiled, with controls.

`experiments` says what can be set and builds the networks, `sources` writes them
as programs, and `widget` is the Python side of what readers see. The front end is
in `front`, the compiled models are in `engines`.
"""

from .widget import Lab

__all__ = ["Lab"]
