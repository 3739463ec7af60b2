"""The Lab: a live experiment in a notebook or in a page of the book."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import anywidget
import numpy as np
import traitlets
import xarray as xr

from ..checks import check_choice, refuse
from ..runs.simulation import check_seed
from .experiments import EXPERIMENTS
from .settings import Preset, with_unit
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
    experiment : {"global_factor", "pair", "pairing", "window", "network"}
        Which experiment.
    controls : sequence of str, optional
        The settings that get a control; all by default.
    preset : str, optional
        Where it begins: ``"BRIAN_EXAMPLE"`` (the default) or ``"ZENKE_2015"``; the
        network begins ``"TOO_ACTIVE"`` (the default), ``"TOO_SILENT"`` or
        ``"RINGING"``.
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

    experiment = traitlets.Unicode(read_only=True).tag(sync=True)
    preset = traitlets.Unicode().tag(sync=True)
    values = traitlets.Dict().tag(sync=True)
    seed = traitlets.Int().tag(sync=True)
    controls = traitlets.List(traitlets.Unicode(), None, allow_none=True).tag(sync=True)

    def __init__(
        self,
        experiment: str,
        *,
        controls: Sequence[str] | None = None,
        preset: str | None = None,
        seed: int = 1,
        **settings: Any,
    ) -> None:
        check_choice("experiment", experiment, EXPERIMENTS)
        self._model = EXPERIMENTS[experiment]
        preset = self._model.default_preset if preset is None else preset
        check_choice("preset", preset, self._model.presets)
        self._settings = {s.name: s for s in self._model.settings}
        self._result = None
        start = self._model.start(preset)
        for name, value in settings.items():
            check_choice("setting", name, self._settings)
            start[name] = self._settings[name].check(value, self._model.presets[preset])
        self.set_trait("experiment", experiment)
        super().__init__(
            preset=preset,
            values=start,
            seed=check_seed(seed),
            controls=self._check_controls(controls),
        )
        self.on_msg(self._answer)

    # --- Settings by name -------------------------------------------------

    def __getattr__(self, name: str) -> Any:
        # Called for what is no attribute: a setting, if anything.
        setting = self.__dict__.get("_settings", {}).get(name)
        if setting is None:
            raise AttributeError(f"{type(self).__name__} has no attribute {name!r}")
        return with_unit(self.values[name], setting.like(self._preset))

    def __setattr__(self, name: str, value: Any) -> None:
        if name.startswith("_") or name in ("values", "experiment"):
            super().__setattr__(name, value)
        elif name == "preset":
            check_choice("preset", value, self._model.presets)
            with self.hold_sync(), self.hold_trait_notifications():
                super().__setattr__("preset", value)
                self.values = self._model.start(value)
        elif name == "seed":
            super().__setattr__("seed", check_seed(value))
        elif name == "controls":
            super().__setattr__("controls", self._check_controls(value))
        elif hasattr(type(self), name):
            super().__setattr__(name, value)
        else:
            check_choice("setting", name, self._settings)
            number = self._settings[name].check(value, self._preset)
            self.values = {**self.values, name: number}

    @property
    def _preset(self) -> Preset:
        return self._model.presets[self.preset]

    def __dir__(self) -> Iterable[str]:
        return [*super().__dir__(), *self._settings]

    def _check_controls(self, controls: Sequence[str] | None) -> list[str] | None:
        if controls is None:
            return None
        if not isinstance(controls, (list, tuple)):
            raise refuse("controls", controls, "a list of settings, or None")
        return [check_choice("controls", name, self._settings) for name in controls]

    @traitlets.validate("values")
    def _check_values(self, proposal: Mapping[str, Any]) -> dict[str, Any]:
        values = proposal["value"]
        if values.keys() != self._settings.keys():
            raise refuse("values", values, f"all of {', '.join(self._settings)}")
        return {
            name: setting.check(
                with_unit(values[name], setting.like(self._preset)), self._preset
            )
            for name, setting in self._settings.items()
        }

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
            The recorded variables, by dimensions such as ``(trial, time)``. The
            settings, the seed and the preset are among the
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
            attrs = {"units": entry["unit"], "long_name": entry["meaning"]}
            # The engine writes one row for each sample.
            arrays[entry["name"]] = xr.Variable(entry["dims"], data, attrs).T
        return xr.Dataset(
            {name: data for name, data in arrays.items() if name != "time"},
            coords={"time": arrays["time"]},
            attrs={
                "experiment": self.experiment,
                "preset": content["preset"],
                "seed": content["seed"],
                "dt_s": float(self._model.dt),
                "record_dt_s": float(self._model.record_dt),
                **{
                    name: "none" if value is None else value
                    for name, value in content["values"].items()
                },
            },
        )
