"""What an experiment of the Lab is made of.

What a reader can set are parameters of Brian2 objects; each is an affine function of
the settings, so that a compiled model can be run again with other values.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from brian2 import Clock, Network, Quantity

from ...docstrings import described, entry
from ...runs import recording
from ..settings import PARAMETER_PRESETS, Preset, Setting, plain

OF_EXPERIMENT = entry("experiment : Experiment", "The experiment.")


@dataclass(frozen=True, kw_only=True)
class Affine:
    """A parameter of a Brian2 object as an affine function of the settings.

    Parameters
    ----------
    terms : mapping of str to float, optional
        Factor of each setting, in SI units; a switch counts as 1 or 0.
    offset : float, optional
        What is added.
    integer : bool, optional
        Round the result.
    none : str, optional
        Text that stands for "no bound".
    when : mapping of str to tuple of str, optional
        Choices under which it holds; under all others the parameter is 0.
    """

    terms: Mapping[str, float] = field(default_factory=dict)
    offset: float = 0.0
    integer: bool = False
    none: str = ""
    when: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Output(recording.Output):
    """An array that a run of an experiment records.

    Parameters
    ----------
    name, variable, dims, meaning
        As in `homeo.runs.recording.Output`.
    shape : tuple of int or None
        Its shape; None for a length that depends on the settings.
    when : mapping of str to str, optional
        Settings under which it is the one of that name to use.
    """

    shape: tuple[int | None, ...]
    when: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Experiment:
    """An experiment of the Lab.

    Parameters
    ----------
    name : str
        Name of the experiment and of its engine.
    title : str
        What it is, in words.
    dt, record_dt : Quantity
        Time step, interval between two samples.
    duration : Quantity or None
        Length of a run; None where it is a setting.
    settings : tuple of Setting
        What a reader can set, in the order of the controls.
    arguments : mapping of str to Affine or list of Affine
        Parameters of the compiled model, by ``object.variable``.
    build : callable
        Adds all objects to a network: ``build(network, experiment)`` returns the
        outputs.
    facts : mapping of str to number
        What a plot has to know besides the settings, in SI units.
    presets : mapping of str to Preset
        Where it can begin.
    presets_title : str
        What the buttons of the presets choose, in words.
    preset_settings : sequence of str or None
        Names of the settings that a preset changes; None if it changes all.
    default_preset : str
        Where it begins.
    streams : bool
        Whether a run takes so long that it is drawn while it goes on.
    """

    name: str
    title: str
    dt: Quantity
    record_dt: Quantity
    duration: Quantity | None
    settings: tuple[Setting, ...]
    arguments: Mapping[str, Affine | Sequence[Affine]]
    build: Callable[[Network, Experiment], list[Output]]
    facts: Mapping[str, Any] = field(default_factory=dict)
    presets: Mapping[str, Preset] = field(default_factory=lambda: PARAMETER_PRESETS)
    presets_title: str = "Parameters of"
    preset_settings: Sequence[str] | None = None
    default_preset: str = "BRIAN_EXAMPLE"
    streams: bool = False

    @property
    def n_samples(self) -> int | None:
        """Number of samples in a run; None where it depends on the settings."""
        if self.duration is None:
            return None
        return round(float(self.duration / self.record_dt))

    def setting(self, name: str) -> Setting:
        """Return the setting of a name.

        Parameters
        ----------
        name : str
            The name.

        Returns
        -------
        Setting
            The setting.
        """
        return next(s for s in self.settings if s.name == name)

    def start(self, preset: str) -> dict[str, Any]:
        """Return all settings at the start under a preset, in SI units.

        Parameters
        ----------
        preset : str
            A key of `presets`.

        Returns
        -------
        dict
            The values by name.
        """
        return {s.name: plain(s.start(self.presets[preset])) for s in self.settings}


@described(OF_EXPERIMENT)
def with_shape(
    outputs: Sequence[recording.Output], experiment: Experiment, *n: int
) -> list[Output]:
    """Say which shape sampled outputs have.

    Parameters
    ----------
    outputs : sequence of homeo.runs.recording.Output
        What `homeo.runs.recording.record` returned.
    *n : int
        Number of elements of each dimension but time.

    Returns
    -------
    list of Output
        The outputs of the experiment.
    """
    shape = (experiment.n_samples, *n)
    return [
        Output(
            name=output.name,
            variable=output.variable,
            dims=output.dims,
            meaning=output.meaning,
            shape=shape[: len(output.dims)],
        )
        for output in outputs
    ]


@described(OF_EXPERIMENT)
def recording_clock(experiment: Experiment) -> Clock:
    """Return the clock that an experiment is sampled with.

    Returns
    -------
    brian2.Clock
        Its name is always the same: it stands in the program.
    """
    return Clock(dt=experiment.record_dt, name="recording_clock")
