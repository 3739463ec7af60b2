"""The Lab: a live experiment in a notebook or in a page of the book."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
import xarray as xr
from brian2 import Hz

from ..checks import check_choice, check_quantity, refuse
from ..parameters import BRIAN_EXAMPLE_PROTOCOL, PRESETS
from ..simulation import check_seed
from ..units import show
from .experiments import (
    EXPERIMENTS,
    plain,
    preset_values,
    with_unit,
)
from .sources import ENGINES

_HERE = Path(__file__).parent
_STATIC = _HERE / "static"


class Lab(anywidget.AnyWidget):
    """An experiment with controls: the real model, running in the browser.

    The model is the one that the package builds, compiled. It needs no kernel;
    with one, every setting can be read and set from Python by its name, such as
    ``lab.tau_H = 0.2 * second``, and `result` holds what the last run recorded.

    Parameters
    ----------
    experiment : {"global_factor", "pair", "pairing"}
        Which experiment.
    controls : sequence of str, optional
        The settings that get a control; all by default.
    preset : {"BRIAN_EXAMPLE", "ZENKE_2015"}, optional
        The parameters at the start.
    seed : int, optional
        Seed of the random numbers.
    **settings
        Other settings at the start, by name.

    Raises
    ------
    ValueError
        If an argument is refused.
    """

    _esm = _HERE / "loader.js"

    experiment = traitlets.Unicode().tag(sync=True)
    preset = traitlets.Unicode().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    seed = traitlets.Int().tag(sync=True)
    controls = traitlets.List(traitlets.Unicode(), None, allow_none=True).tag(sync=True)

    def __init__(
        self,
        experiment: str,
        *,
        controls: Sequence[str] | None = None,
        preset: str = "BRIAN_EXAMPLE",
        seed: int = 1,
        **settings: Any,
    ) -> None:
        check_choice("experiment", experiment, EXPERIMENTS)
        check_choice("preset", preset, PRESETS)
        model = EXPERIMENTS[experiment]
        names = [setting.name for setting in model.settings]
        for name in controls or ():
            check_choice("controls", name, names)
        for name in settings:
            check_choice("setting", name, names)
        self._result = None
        super().__init__(
            experiment=experiment,
            preset=preset,
            values=model.start(preset),
            seed=check_seed(seed),
            controls=None if controls is None else list(controls),
        )
        for name, value in settings.items():
            setattr(self, name, value)
        self.on_msg(self._answer)

    # --- Settings by name -------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        # Called for what is no attribute: a setting, if anything.
        if name not in self._settings_now():
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return with_unit(self.values[name], self._like(name))

    def __setattr__(self, name: str, value: Any) -> None:
        if name in self._settings_now():
            self.values = {**self.values, name: self._checked(name, value)}
        elif name == "preset" and self._settings_now():
            check_choice("preset", value, PRESETS)
            with self.hold_sync():
                super().__setattr__("preset", value)
                self.values = EXPERIMENTS[self.experiment].start(value)
        elif name == "seed":
            super().__setattr__("seed", check_seed(value))
        else:
            super().__setattr__(name, value)

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *self._settings_now()]

    def _settings_now(self) -> Mapping[str, Any]:
        # Empty until the widget is made: nothing may go through __getattr__ then.
        return self.__dict__.get("_trait_values", {}).get("values", {})

    def _like(self, name: str) -> Any:
        """Return a value with the unit of a setting."""
        value = EXPERIMENTS[self.experiment].setting(name).start(self.preset)
        # A bound that is not set has the unit of the weight.
        return PRESETS[self.preset].synapse.w_0 if value is None else value

    def _checked(self, name: str, value: Any) -> Any:
        model = EXPERIMENTS[self.experiment]
        setting = model.setting(name)
        stops = setting.stops_for(self.preset)
        if setting.kind == "choice":
            return check_choice(name, value, setting.options)
        if setting.kind == "switch":
            if not isinstance(value, bool):
                raise refuse(name, value, "True or False")
            return value
        number = plain(self._check_as_parameter(name, value))
        if not stops.allow(number):
            ends = (show(with_unit(end, self._like(name))) for end in stops.limits)
            raise refuse(name, value, "from {} to {} in this Lab".format(*ends))
        return number

    def _check_as_parameter(self, name: str, value: Any) -> Any:
        """Refuse what `homeo.parameters` refuses, in its words."""
        if name == "lag":
            return BRIAN_EXAMPLE_PROTOCOL.replace(lag=value).lag
        if name not in preset_values(PRESETS[self.preset]):
            limits = {} if name == "G" else {"at_least": 0}
            return check_quantity(name, value, Hz, **limits)
        if name == "eta":
            # Of either kind of weight, the record would take the other's unit too.
            check_quantity(name, value, self._like(name), above=0)
        record = PRESETS[self.preset].replace(**{name: value})
        return preset_values(record)[name]

    # --- Files and results ------------------------------------------------

    def _answer(self, _widget: Lab, content: Mapping, buffers: Sequence) -> None:
        if content.get("type") == "files":
            names = {
                "lab.js": _STATIC / "lab.js",
                "lab.css": _STATIC / "lab.css",
                f"{self.experiment}.js": ENGINES / f"{self.experiment}.js",
            }
            texts = {n: path.read_text(encoding="utf-8") for n, path in names.items()}
            self.send({"type": "files", "files": texts})
        elif content.get("type") == "result":
            self._result = (content, [bytes(buffer) for buffer in buffers])

    @property
    def result(self) -> xr.Dataset:
        """What the last run in the browser recorded, in SI units.

        Returns
        -------
        xarray.Dataset
            The recorded variables; those of several trials with dimensions
            ``(trial, time)``. The settings, the seed and the preset are among the
            attributes.

        Raises
        ------
        RuntimeError
            If no run has been received: the Lab has to be shown in a cell first.
        """
        if self._result is None:
            raise RuntimeError(
                "result: nothing has run yet; show the Lab in a cell, and read its "
                "result in another cell once it is drawn"
            )
        content, buffers = self._result
        arrays = {}
        for entry, buffer in zip(content["outputs"], buffers, strict=True):
            data = np.frombuffer(buffer, dtype="<f8").reshape(entry["shape"])
            dims = ("time",) if data.ndim == 1 else ("trial", "time")
            attrs = {"units": entry["unit"], "long_name": entry["meaning"]}
            arrays[entry["name"]] = xr.Variable(dims, data.T, attrs)
        model = EXPERIMENTS[self.experiment]
        return xr.Dataset(
            {name: data for name, data in arrays.items() if name != "time"},
            coords={"time": arrays["time"]},
            attrs={
                "experiment": self.experiment,
                "preset": content["preset"],
                "seed": content["seed"],
                "dt_s": float(model.dt),
                "record_dt_s": float(model.record_dt),
                **{
                    name: "none" if value is None else value
                    for name, value in content["values"].items()
                },
            },
        )
