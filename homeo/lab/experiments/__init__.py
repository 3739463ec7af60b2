"""The experiments of the Lab: what a reader can set, and the network that runs.

An experiment is built from the same functions as every simulation in this package.
Each has a module here, and a view of the same name in ``front/views``.
"""

from collections.abc import Mapping
from types import MappingProxyType

from .experiment import Affine, Experiment, Output
from .global_factor import GLOBAL_FACTOR
from .network import NETWORK
from .pair import PAIR
from .pairing import PAIRING
from .window import WINDOW

__all__ = ["EXPERIMENTS", "Affine", "Experiment", "Output"]

#: The experiments by name.
EXPERIMENTS: Mapping[str, Experiment] = MappingProxyType(
    {e.name: e for e in (GLOBAL_FACTOR, PAIR, PAIRING, WINDOW, NETWORK)}
)
