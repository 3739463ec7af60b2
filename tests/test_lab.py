"""The Lab: settings, engines and results, without a browser.

`test_lab_page.py` has what needs one.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import nbformat
import numpy as np
import pytest
import traitlets
import xarray as xr
from brian2 import Hz, ms, nsiemens, second
from build_engines import compiler_options
from engines import (
    MANIFEST,
    arguments_of,
    engine_parts,
    random_settings,
)

from homeo import (
    BRIAN_EXAMPLE,
    BRIAN_EXAMPLE_PROTOCOL,
    ZENKE_2015,
    Lab,
    NetworkParameters,
    preset,
    simulate_forced_spikes,
    simulate_network,
    simulate_pairing,
    simulate_window,
    theory,
)
from homeo.lab.experiments import EXPERIMENTS
from homeo.lab.settings import with_unit
from homeo.lab.sources import ENGINES
from homeo.network import settling_time
from homeo.runs.results import told

NODE = Path(sys.executable).with_name("node")
ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = ROOT / "chapters"
FRONT = ROOT / "homeo" / "lab" / "front"


@pytest.mark.parametrize("name", EXPERIMENTS)
class TestEngine:
    """One engine, as it is kept in the repository."""

    def test_is_made_from_the_sources_of_today(self, name, programs):
        """The rules, the builders and the host must be those the engine has."""
        entry = MANIFEST[name]
        if entry["brian2"] != version("brian2"):
            pytest.skip(
                f"{name}.js names Brian2 {entry['brian2']}; here is {version('brian2')}"
            )
        fresh, _ = programs.written(name)
        assert fresh["sources_sha256"] == entry["sources_sha256"], "run `make engines`"

    def test_says_today_what_can_be_set(self, name, programs):
        """Controls, stops and arguments do not depend on the version of Brian2."""
        fresh, _ = programs.written(name)
        carried, _ = engine_parts(ENGINES / f"{name}.js")
        for key in fresh.keys() - {"brian2", "sources_sha256"}:
            assert carried[key] == fresh[key], key

    def test_is_small(self, name):
        size = MANIFEST[name]["size"]
        assert size["bytes"] == (ENGINES / f"{name}.js").stat().st_size
        assert size["bytes"] <= 200_000
        assert size["gzipped"] <= 80_000

    def test_every_parameter_has_unit_range_and_default(self, name):
        entry = MANIFEST[name]
        assert entry["presets"].keys() == EXPERIMENTS[name].presets.keys()
        assert entry["default_preset"] in entry["presets"]
        for values in entry["presets"].values():
            assert values.keys() == entry["settings"].keys()
            for setting, value in values.items():
                if entry["settings"][setting]["kind"] in ("number", "count"):
                    assert value["unit"]
                    finite = [p for p in value["positions"] if p is not None]
                    assert finite == sorted(set(finite))
                    assert value["value"] in value["positions"]

    def test_settings_have_no_conflict_at_any_stop(self, name):
        """Every combination of stops is one that `homeo.parameters` accepts."""
        rng = np.random.default_rng(1)
        for p, its in EXPERIMENTS[name].presets.items():
            lab = Lab(name, preset=p)
            for _ in range(50):
                values = random_settings(MANIFEST[name], p, rng)
                for key, value in values.items():
                    like = EXPERIMENTS[name].setting(key).like(its)
                    setattr(lab, key, with_unit(value, like))
                assert lab.values == pytest.approx(values)

    def test_is_the_one_that_the_manifest_describes(self, name):
        carried, wasm = engine_parts(ENGINES / f"{name}.js")
        entry = MANIFEST[name]
        assert carried["sources_sha256"] == entry["sources_sha256"]
        assert hashlib.sha256(wasm).hexdigest() == entry["wasm_sha256"]
        assert entry["options"] == compiler_options(EXPERIMENTS[name])

    def test_names_no_place_of_a_machine(self, name):
        """No folder of who built it is in the program, of whatever machine."""
        _, wasm = engine_parts(ENGINES / f"{name}.js")
        assert not re.search(rb"/(home|root|tmp|Users|work|private)/", wasm)


class TestProgram:
    """The C++ program of an experiment is the simulation that the package runs."""

    def test_pairing_equals_the_simulation(self, programs, tmp_path):
        """Same seed, same target: the same random numbers, digit by digit."""
        program = programs.native("pairing", tmp_path)
        parameters = BRIAN_EXAMPLE.replace(tau_H=0.2 * second, rule="zenke_2015")
        protocol = BRIAN_EXAMPLE_PROTOCOL.replace(lag=-7 * ms)
        values = {
            **EXPERIMENTS["pairing"].start("BRIAN_EXAMPLE"),
            **{"tau_H": 0.2, "rule": "zenke_2015", "lag": -7e-3},
        }
        ours = program.run(values, seed=5)
        expected = simulate_pairing(
            parameters, protocol, seed=5, target="cpp_standalone"
        )
        np.testing.assert_allclose(ours["G"][:, 0], expected.G[0], rtol=1e-12)
        np.testing.assert_allclose(ours["w"][:, 0], expected.w[0], rtol=1e-12)

    def test_pair_equals_the_simulation(self, programs, tmp_path):
        program = programs.native("pair", tmp_path)
        values = {
            **EXPERIMENTS["pair"].start("BRIAN_EXAMPLE"),
            **{"lag": 12e-3, "G": -3.0, "w_min": -4e-9, "pre_spike": True},
        }
        ours = program.run(values, seed=0)
        expected = simulate_forced_spikes(
            BRIAN_EXAMPLE.replace(w_min=-4 * nsiemens).synapse,
            [150] * ms,
            [162] * ms,
            -3 * Hz,
            400 * ms,
            trace_updates="clock-driven",
        )
        for name in ("w", "pre_trace", "post_trace"):
            np.testing.assert_allclose(
                ours[name][:, 0], expected[name][0], rtol=1e-9, atol=1e-24
            )

    @pytest.mark.parametrize("rule", ["zenke_2015", "brian_example"])
    def test_window_equals_the_simulation(self, rule, programs, tmp_path):
        """Every lag, and after the spikes, not before the last of them."""
        experiment = EXPERIMENTS["window"]
        program = programs.native("window", tmp_path)
        values = {**experiment.start("BRIAN_EXAMPLE"), "G": -3.0, "tau_stdp": 0.1}
        before, after = program.run(values, seed=0)[f"w_{rule}"]
        p = BRIAN_EXAMPLE.replace(rule=rule, tau_stdp=100 * ms, w_min=None, w_max=None)
        lags = np.array(experiment.facts["lags"]) * second
        expected = simulate_window(p.synapse, lags, [-3] * Hz)
        assert (len(lags), *lags[[0, -1]]) == (101, -100 * ms, 100 * ms)
        np.testing.assert_array_equal(before, 0)
        np.testing.assert_allclose(after, expected.delta_w[:, 0], rtol=1e-9)

    def test_window_without_presynaptic_spikes_has_the_plus_one_only(
        self, programs, tmp_path
    ):
        program = programs.native("window", tmp_path)
        values = {**EXPERIMENTS["window"].start("BRIAN_EXAMPLE"), "pre_spike": False}
        ours = program.run(values, seed=0)
        np.testing.assert_array_equal(ours["w_zenke_2015"], 0)
        after = ours["w_brian_example"][1]
        np.testing.assert_allclose(after, values["eta"] * values["G"], rtol=1e-12)

    def test_network_regulates_itself_like_that_of_the_package(
        self, programs, tmp_path
    ):
        """Other connections and other random numbers: the same to a few s.d.

        Rate at the end to 4 standard errors of a mean over 10 s, with the larger
        fluctuations of a recurrent network allowed for (Fano factor below 4); the
        weight, which also depends on the connections, to 10 %.
        """
        program = programs.native("network", tmp_path)
        values = EXPERIMENTS["network"].start("TOO_ACTIVE")
        ours = program.run(values, seed=1)
        expected = simulate_network(
            ZENKE_2015.replace(eta=1e-4 * second, tau_H=1 * second, w_0=0.05),
            20 * second,
            network=NetworkParameters(n_E=400, n_I=100, p=0.25),
            seed=1,
            target="cpp_standalone",
        )
        assert len(ours["time"]) == 200
        assert ours["w"][0] == pytest.approx(0.05)
        error = np.sqrt(4 * 4 / (400 * 10))
        for end in (ours["rate_E"][-100:].mean(), ours["late_spikes_E"].mean() / 10):
            assert end == pytest.approx(4, abs=4 * error)
        assert ours["rate_I"][-100:].mean() == pytest.approx(
            float(expected.rate_I[-100:].mean()), rel=0.1
        )
        assert ours["w"][-1] == pytest.approx(float(expected.w[-1]), rel=0.1)
        assert ours["H"][-1] == pytest.approx(4, abs=4 * np.sqrt(4 / 400))
        # No cell is left out when connections are drawn: it would fire at 60 Hz.
        assert ours["late_spikes_E"].max() < 450

    @pytest.mark.parametrize("rule", ["zenke_2015", "brian_example", "vogels_2011"])
    def test_only_the_chosen_rule_inhibits_and_learns(self, rule):
        values = EXPERIMENTS["network"].start("TOO_SILENT") | {"rule": rule}
        arguments = arguments_of(MANIFEST["network"], values, seed=0)
        synapses = "inhibition" if rule == "zenke_2015" else f"inhibition_{rule}"
        for variable in ("w", "eta"):
            chosen = [
                name
                for name, value in arguments.items()
                if name.endswith(f".{variable}") and value != 0
            ]
            assert chosen == [f"{synapses}.{variable}"]
        assert arguments[f"{synapses}.w"] == values["w_0"]

    def test_without_a_rule_weights_stay(self):
        values = EXPERIMENTS["network"].start("TOO_SILENT") | {"rule": "none"}
        arguments = arguments_of(MANIFEST["network"], values, seed=0)
        assert arguments["inhibition.w"] == values["w_0"]
        assert not any(v for k, v in arguments.items() if k.endswith(".eta"))

    def test_learning_rate_of_the_local_rule_is_comparable(self):
        """At 4 Hz, whatever the rate of the inhibitory cells is."""
        values = EXPERIMENTS["network"].start("TOO_ACTIVE") | {"rule": "vogels_2011"}
        arguments = arguments_of(MANIFEST["network"], values, seed=0)
        paper = ZENKE_2015.replace(eta=values["eta"] * second)
        local = paper.replace(rule="vogels_2011", eta=1.0, rho_0=4 * Hz)
        for rate_I in (10, 26) * Hz:
            eta = theory.comparable_learning_rate(local, paper, rate_I)
            assert arguments["inhibition_vogels_2011.eta"] == pytest.approx(float(eta))

    def test_estimate_lies_within_the_theory_that_the_page_draws(
        self, programs, tmp_path
    ):
        """A million neurons: the band is narrow, and the time step shows.

        Mean and variance over 12 populations, samples 4 tau_H apart,
        with the gain of a clock-driven filter; both to 4 standard errors.
        """
        program = programs.native("global_factor", tmp_path)
        values = {
            **EXPERIMENTS["global_factor"].start("BRIAN_EXAMPLE"),
            **{"tau_H": 0.05, "N": 1_000_000, "rate_after": 20.0},
        }
        H = program.run(values, seed=1)["H"][120::4]
        p = BRIAN_EXAMPLE.replace(tau_H=50 * ms, N=1_000_000).global_factor
        mean = 20 * theory.clock_driven_gain(1 * ms, 50 * ms)
        gain = theory.clock_driven_gain(1 * ms, 25 * ms)
        variance = gain * float(theory.H_variance(np.inf * second, 20 * Hz, p))
        assert abs(H.mean() - mean) < 4 * np.sqrt(variance / H.size)
        assert abs(H.var() - variance) < 4 * variance * np.sqrt(2 / H.size)
        assert abs(H.mean() - 20) > 20 * np.sqrt(variance / H.size)

    @pytest.mark.parametrize("alone", ["pre_spike", "post_spike"])
    def test_a_spike_that_is_switched_off_never_comes(self, alone):
        values = EXPERIMENTS["pair"].start("ZENKE_2015") | {
            "pre_spike": alone == "pre_spike",
            "post_spike": alone == "post_spike",
            "lag": -0.1,
        }
        arguments = arguments_of(MANIFEST["pair"], values, seed=0)
        steps = [
            arguments[f"{side}.first_step"] for side in ("presynaptic", "postsynaptic")
        ]
        assert sum(step < 4000 for step in steps) == 1
        assert max(steps) < 2**31


class TestSettings:
    """Settings can be read and set by name."""

    def test_have_the_unit_and_the_value_of_the_preset(self):
        lab = Lab("pairing", preset="ZENKE_2015")
        expected = preset("ZENKE_2015")
        for name in ("gamma", "tau_H", "N", "H_0"):
            assert getattr(lab, name) == getattr(expected.global_factor, name)
        for name in ("eta", "tau_stdp", "w_0", "w_min", "w_max", "rule"):
            assert getattr(lab, name) == getattr(expected.synapse, name)

    def test_are_what_was_set(self):
        lab = Lab("pairing", tau_H=0.2 * second)
        assert lab.tau_H == 200 * ms
        lab.tau_H = 1 * second
        lab.w_max = 30 * nsiemens
        lab.w_min = None
        assert (lab.tau_H, lab.w_max, lab.w_min) == (1 * second, 30 * nsiemens, None)
        assert lab.values["tau_H"] == 1.0

    def test_a_preset_sets_all_of_them(self):
        lab = Lab("pairing", tau_H=0.2 * second)
        lab.preset = "ZENKE_2015"
        assert lab.values == EXPERIMENTS["pairing"].start("ZENKE_2015")

    @pytest.mark.parametrize(
        ("name", "value"),
        [
            ("tau_H", -1 * second),
            ("tau_H", 3 * Hz),
            ("tau_H", np.nan * second),
            ("tau_H", np.inf * second),
            ("tau_H", "1 s"),
            ("gamma", -1 * Hz),
            ("N", 2.5),
            ("N", 0),
            ("eta", 0 * nsiemens * second),
            ("tau_stdp", None),
            ("eta", 1 * Hz),
            ("eta", "small"),
            ("eta", None),
            ("rule", "hebb"),
            ("w_max", -1 * nsiemens),
        ],
    )
    def test_are_refused_in_the_words_of_the_parameters(self, name, value):
        lab = Lab("pairing")
        with pytest.raises(ValueError) as words:  # noqa: PT011 - compared below
            BRIAN_EXAMPLE.replace(**{name: value})
        with pytest.raises(ValueError) as caught:  # noqa: PT011 - compared below
            setattr(lab, name, value)
        if name == "rule":  # the Lab has two of the rules
            assert str(caught.value).startswith("rule: got 'hebb'; allowed: one of")
        else:
            assert str(caught.value) == str(words.value)
        assert lab.values == EXPERIMENTS["pairing"].start("BRIAN_EXAMPLE")

    @pytest.mark.parametrize(
        ("experiment", "name", "value", "allowed"),
        [
            ("pairing", "tau_H", 100 * second, "from 50 ms to 10 s in this Lab"),
            ("pairing", "lag", 2 * second, "spikes within the epoch"),
            ("pairing", "lag", 1.05 * ms, "multiples of"),
            ("pair", "lag", -0.05 * ms, "multiples of"),
            ("pairing", "w_max", 70 * nsiemens, "to 60 nS or None in this Lab"),
            ("pairing", "lag", 0.2 * second, "from -100 ms to 100 ms in this Lab"),
            ("pairing", "rate_max", -1 * Hz, ">= 0 in Hz"),
            ("pairing", "eta", 1 * second, "> 0 in S s"),
            ("pairing", "w_0", 21 * nsiemens, "from 0 S to 20 nS in this Lab"),
            ("pairing", "seed", -1, "a whole number >= 0"),
            ("pairing", "preset", "paper", "one of"),
            ("network", "preset", "ZENKE_2015", "'TOO_ACTIVE'"),
            ("network", "duration", 5 * second, "from 20 s to 60 s in this Lab"),
            ("network", "duration", 20.05 * second, "multiples of 100 ms"),
            ("network", "duration", -1 * second, "> 0 in s"),
            ("network", "rule", "hebb", "'vogels_2011'"),
            ("network", "eta", 1 * nsiemens * second, "> 0 in s"),
            ("pair", "G", 11 * Hz, "from -10 Hz to 10 Hz in this Lab"),
            ("pair", "pre_spike", 1, "True or False"),
            ("global_factor", "rate_after", 3, "in Hz"),
            ("global_factor", "N", 10**7, "from 10 to 1e+06 in this Lab"),
        ],
    )
    def test_outside_the_lab_are_refused(
        self, experiment, name, value, allowed, refused
    ):
        lab = Lab(experiment)
        with refused(name, value, allowed):
            setattr(lab, name, value)

    def test_arguments_are_refused(self, refused):
        with refused("experiment", "loop", "'pairing'"):
            Lab("loop")
        with refused("controls", "tau", "'tau_H'"):
            Lab("pairing", controls=["tau"])
        with refused("controls", "tau_H", "a list of settings"):
            Lab("pairing", controls="tau_H")
        with refused("setting", "tau", "'tau_H'"):
            Lab("pairing", tau=1 * second)

    def test_unknown_names_are_refused(self, refused):
        """A slip of the pen must not pass as an attribute that does nothing."""
        lab = Lab("pairing")
        with refused("setting", "tauH", "'tau_H'"):
            lab.tauH = 0.2 * second
        with refused("setting", "G", "'tau_H'"):
            lab.G = 4 * Hz

    def test_all_at_once_are_checked_too(self, refused):
        lab = Lab("pairing")
        values = dict(lab.values)
        with refused("values", {"tau_H": 1.0}, "all of"):
            lab.values = {"tau_H": 1.0}
        for bad in (-1.0, np.nan, "0.1", 1e9):
            with pytest.raises(ValueError, match="tau_H: got"):
                lab.values = {**values, "tau_H": bad}
        assert lab.values == values
        with pytest.raises(traitlets.TraitError, match="read-only"):
            lab.experiment = "pair"

    def test_unknown_names_are_no_attributes(self):
        lab = Lab("pair")
        with pytest.raises(AttributeError, match="rate_max"):
            _ = lab.rate_max
        assert "tau_stdp" in dir(lab)

    def test_two_labs_are_independent(self):
        one, other = Lab("pair"), Lab("pair")
        one.G = -2 * Hz
        assert other.values["G"] == 4


class TestResult:
    """What comes back from the browser."""

    @pytest.mark.parametrize("name", EXPERIMENTS)
    def test_is_a_labelled_dataset(self, name):
        """Shapes, names and units are those that the engine declares."""
        lab = Lab(name, seed=3)
        declared = {
            output["name"]: output
            for output in MANIFEST[name]["outputs"]
            if output["when"].items() <= lab.values.items()
        }
        rng = np.random.default_rng(2)
        outputs = [
            {**o, "shape": [n or 7 for n in o["shape"]]} for o in declared.values()
        ]
        arrays = {o["name"]: rng.normal(size=o["shape"]) for o in outputs}
        content = {
            "type": "result",
            "values": lab.values,
            "seed": 3,
            "preset": lab.preset,
            "outputs": outputs,
        }
        lab._handle_custom_msg(content, [array.tobytes() for array in arrays.values()])
        result = lab.result
        np.testing.assert_array_equal(result.time, arrays.pop("time"))
        assert set(result.data_vars) == set(arrays)
        for key, array in arrays.items():
            assert result[key].dims == tuple(reversed(declared[key]["dims"]))
            assert result[key].attrs["units"] == declared[key]["unit"]
            np.testing.assert_array_equal(result[key], array.T)
        assert result.attrs["seed"] == 3
        assert result.attrs["experiment"] == name

    def test_no_bound_is_written_as_none(self):
        lab = Lab("pairing")
        entry = {"name": "time", "unit": "s", "meaning": "time"}
        entry |= {"dims": ["time"], "shape": [1]}
        content = {"values": lab.values, "seed": 1, "preset": "", "outputs": [entry]}
        lab._handle_custom_msg({"type": "result", **content}, [np.zeros(1).tobytes()])
        assert lab.result.attrs["w_max"] == "none"

    def test_before_the_first_run_is_explained(self):
        with pytest.raises(RuntimeError, match="show the Lab in a cell"):
            _ = Lab("pair").result


class TestState:
    """What is saved in a notebook."""

    def test_is_small(self):
        for name in EXPERIMENTS:
            assert len(json.dumps(Lab(name).get_state(), default=str)) < 50_000

    @pytest.mark.parametrize(
        "page", ["index", "01-", "02-", "03-", "04-", "05-", "06-", "07-"]
    )
    def test_is_small_in_the_chapters(self, page):
        (path,) = CHAPTERS.glob(f"{page}*.ipynb")
        (widgets,) = nbformat.read(path, 4).metadata["widgets"].values()
        sizes = [len(json.dumps(model)) for model in widgets["state"].values()]
        assert max(sizes) < 50_000
        assert any(
            "experiment" in model["state"] for model in widgets["state"].values()
        )


# Answers, line by line, with the value of an expression in which a module of the
# front end goes by its name.
ANSWER = """
import {createInterface} from "node:readline";
for await (const line of createInterface({input: process.stdin})) {
  const {module, address, expression, given} = JSON.parse(line);
  const names = [module, ...Object.keys(given)];
  const evaluate = new Function(...names, `return ${expression}`);
  const value = evaluate(await import(address), ...Object.values(given));
  console.log(JSON.stringify(value));
}
"""


@pytest.fixture(scope="module")
def evaluate():
    """Yield a function that evaluates JavaScript, all in one process of Node.js."""
    command = [NODE, "--input-type=module", "--eval", ANSWER]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, encoding="utf-8") as node:

        def evaluate(module, expression, **given):
            address = (FRONT / f"{module}.js").as_uri()
            asked = {"module": module, "address": address}
            asked |= {"expression": expression, "given": given}
            print(json.dumps(asked), file=node.stdin, flush=True)
            return json.loads(node.stdout.readline())

        yield evaluate


class TestStatisticsInThePage:
    """What the page makes of a run is what the package makes of it."""

    @pytest.mark.parametrize("end", [4.0, 4.3, 4.5])
    def test_settling_time(self, evaluate, end):
        """As `homeo.network.settling_time`, on a course that comes down to its end."""
        course = end + 20 * np.exp(-np.arange(300) / 40)
        ours = evaluate(
            "statistics",
            "statistics.settlingTime(course, 4, {tolerance: 0.1, window: 10})",
            course=course.tolist(),
        )
        run = xr.Dataset(
            {"rate_E": ("time", course)},
            coords=told(ZENKE_2015) | {"time": 0.1 * np.arange(300)},
            attrs={"record_dt_s": 0.1, "duration_s": 30.0},
        )
        expected = settling_time(run)
        # JSON has no NaN.
        assert (ours is None) == np.isnan(expected)
        assert ours is None or 0.1 * ours == pytest.approx(expected)

    def test_histogram(self, evaluate):
        """A rate at an edge counts above it; those beyond the last in the last."""
        samples = [0, 0.1 + 0.2, 0.99, 1, 1.5, 2.999, 3, 40]
        counts = evaluate(
            "statistics", "statistics.histogram(samples, 1, 3)", samples=samples
        )
        assert counts == [3, 2, 3]
        tenths = evaluate(
            "statistics",
            "statistics.histogram([0.1 * 3, 1 - 1e-12], 0.1, 12)",
        )
        assert (tenths[3], tenths[10]) == (1, 1)

    def test_running_mean(self, evaluate):
        means = evaluate(
            "statistics",
            "statistics.runningMean(course, 3)",
            course=[None, 1, 2, 6, 4],
        )
        assert means == [None, None, 3, 4, None]


class TestTheoryInThePage:
    """The formulas of the page are those of `homeo.theory`."""

    def test_course_of_H(self, evaluate):
        """Chained over the steps of the rate, as `theory.H_course` does."""
        rates, interval = [2.0, 8.0, 0.0, 5.0], 0.7
        p = preset("BRIAN_EXAMPLE").replace(tau_H=0.5 * second, H_0=3 * Hz)
        course = evaluate(
            "theory",
            "(({mean, variance}) => [[...mean], [...variance]])"
            "(theory.H_course(times, epochs, parameters))",
            times=[k * interval for k in range(4)],
            epochs=[{"start": k * interval, "rate": r} for k, r in enumerate(rates)],
            parameters={"tau_H": 0.5, "N": 1000, "H_0": 3},
        )
        expected = theory.H_course(rates * Hz, interval * second, p.global_factor)
        np.testing.assert_allclose(course, expected, rtol=1e-12)

    def test_course_of_H_on_a_clock(self, evaluate):
        """What the spikes contribute is larger by the gain of the time step."""
        tau, dt, times = 0.1, 0.01, [0.0, 0.05, 0.3]
        course = evaluate(
            "theory",
            "(({mean, variance}) => [[...mean], [...variance]])"
            "(theory.H_course(times, epochs, parameters))",
            times=times,
            epochs=[{"start": 0, "rate": 8}],
            parameters={"tau_H": tau, "N": 1000, "H_0": 3, "dt": dt},
        )
        p = BRIAN_EXAMPLE.replace(H_0=3 * Hz).global_factor
        decay = np.exp(-np.array(times) / tau)
        gain = theory.clock_driven_gain(dt * second, tau * second)
        mean = np.asarray(theory.H_mean(times * second, 8 * Hz, p))
        expected_mean = (mean - 3 * decay) * gain + 3 * decay
        gain = theory.clock_driven_gain(dt * second, tau / 2 * second)
        variance = np.asarray(theory.H_variance(times * second, 8 * Hz, p))
        np.testing.assert_allclose(course, [expected_mean, gain * variance], rtol=1e-12)

    @pytest.mark.parametrize("rule", ["zenke_2015", "brian_example"])
    @pytest.mark.parametrize("spikes", [(1, 1), (1, 0), (0, 1), (0, 0)])
    @pytest.mark.parametrize("lag", [-0.03, 0.0, 0.01])
    def test_weight_change(self, evaluate, rule, spikes, lag):
        pre, post = spikes
        ours = evaluate(
            "theory",
            "theory.weight_change(spikes, 4, parameters)",
            spikes={"pre": bool(pre), "post": bool(post), "lag": lag},
            parameters={"rule": rule, "eta": 1e-9, "tau_stdp": 0.02},
        )
        expected = theory.weight_change(
            [0.1] * second if pre else None,
            [0.1 + lag] * second if post else None,
            4 * Hz,
            BRIAN_EXAMPLE.replace(rule=rule).synapse,
        )
        assert ours == pytest.approx(float(expected), rel=1e-9, abs=0)

    @pytest.mark.parametrize("lag", [-0.03, 0.0, 0.01])
    def test_pair(self, evaluate, lag):
        ours = evaluate(
            "theory",
            "theory.pair_weight_change(lag, -3, parameters)",
            lag=lag,
            parameters={"eta": 1e-9, "tau_stdp": 0.02},
        )
        synapse = BRIAN_EXAMPLE.synapse
        expected = theory.pair_weight_change(lag * second, -3 * Hz, synapse)
        assert ours == pytest.approx(float(expected), rel=1e-12)
