"""Grids of experiments, each run at once, against the closed forms and Auryn."""

from dataclasses import replace

import numpy as np
import pytest
import xarray as xr
from brian2 import Hz, ms, nS, second

from homeo import (
    BRIAN_EXAMPLE,
    ZENKE_2015,
    simulate_poisson,
    simulate_trains,
    simulate_window,
)
from homeo.rules import RULES
from homeo.runs.results import synapse_of
from homeo.theory import (
    pair_weight_change,
    poisson_drift,
    poisson_variance,
    train_end_effect,
    train_weight_change,
)

pytestmark = pytest.mark.usefixtures("silent")

PAPER = ZENKE_2015.replace(eta=5e-3 * second, w_0=0, w_min=None, w_max=None).synapse
SYNAPSES = {
    "zenke_2015": PAPER,
    "brian_example": replace(PAPER, rule="brian_example"),
    "vogels_2011": replace(PAPER, rule="vogels_2011", eta=5e-3, rho_0=4 * Hz),
}
LAGS = np.linspace(-100, 100, 101) * ms
GS = np.linspace(-10, 10, 21) * Hz


def held(name):
    """Return a constant G for a rule that reads it."""
    return 4 * Hz if RULES[name].reads_G else None


# --- The window -----------------------------------------------------------


@pytest.mark.parametrize("name", ["zenke_2015", "brian_example"])
def test_every_point_of_the_window_is_the_closed_form(name):
    """2121 points, eta G (1 + exp(-|lag|/tau)) to 1e-9 relative; G = 0 gives 0."""
    window = simulate_window(SYNAPSES[name], LAGS, GS)
    assert window.delta_w.shape == (101, 21)
    lag, G = window.lag.values[:, None], window.G.values[None, :]
    expected = 5e-3 * G * (1 + np.exp(-np.abs(lag) / 0.02))
    np.testing.assert_allclose(window.delta_w, expected, rtol=1e-9, atol=0)
    theory = pair_weight_change(LAGS[:, None], GS[None, :], SYNAPSES[name])
    np.testing.assert_allclose(theory, expected, rtol=1e-12)


def test_window_at_the_papers_parameters():
    """Changes of 1e-5 on a weight of 0.15, rounded at 2e-17: still to 1e-9."""
    window = simulate_window(ZENKE_2015.synapse, LAGS, GS)
    theory = pair_weight_change(LAGS[:, None], GS[None, :], ZENKE_2015.synapse)
    np.testing.assert_allclose(window.delta_w, theory, rtol=1e-9, atol=1e-16)


def test_window_without_a_global_factor():
    """Vogels: eta [exp(-|lag|/tau) - 2 rho_0 tau], and no dimension G.

    It changes sign where exp(-|lag|/tau) = 0.16, at 36.7 ms.
    """
    window = simulate_window(SYNAPSES["vogels_2011"], LAGS, None)
    assert window.delta_w.dims == ("lag",)
    expected = 5e-3 * (np.exp(-np.abs(window.lag) / 0.02) - 0.16)
    np.testing.assert_allclose(window.delta_w, expected, rtol=1e-9, atol=1e-17)
    grows = np.abs(window.lag.values) < 0.02 * np.log(1 / 0.16)
    np.testing.assert_array_equal(window.delta_w > 0, grows)


def test_authors_simulator_lies_on_the_window(data):
    """Auryn's 85 pairs are points of one grid of 17 lags and 5 Gs.

    To 2e-4 relative plus its rounding, 1.2e-7; at lag 0 Auryn does not count the
    pair (test_protocol.py).
    """
    rows = np.genfromtxt(
        data / "auryn_single_pairs.csv", delimiter=",", names=True, usecols=(1, 2, 3)
    )
    lags, G = (np.unique(rows[name]) for name in ("lag_ms", "G_hz"))
    window = simulate_window(PAPER, lags * ms, G * Hz)
    at = np.searchsorted(lags, rows["lag_ms"]), np.searchsorted(G, rows["G_hz"])
    expected = rows["dw"] * np.where(rows["lag_ms"] == 0, 2, 1)
    assert len(rows) == window.delta_w.size == 85
    np.testing.assert_allclose(
        window.delta_w.values[at], expected, rtol=2e-4, atol=1.2e-7
    )


def test_one_point_is_a_window_too():
    for lag in (7, -7, 0):
        window = simulate_window(PAPER, [lag] * ms, 4 * Hz)
        assert window.sizes == {"lag": 1, "G": 1}
        assert float(window.delta_w[0, 0]) == pytest.approx(
            float(pair_weight_change(lag * ms, 4 * Hz, PAPER)), rel=1e-12
        )


def test_order_of_lags_and_Gs_is_the_callers():
    """Unsorted values stay with their results."""
    lags, G = [30, -5, 12] * ms, [4, -2] * Hz
    window = simulate_window(PAPER, lags, G)
    theory = pair_weight_change(lags[:, None], G[None, :], PAPER)
    np.testing.assert_allclose(window.delta_w, theory, rtol=1e-12)


# --- Trains of pairs ------------------------------------------------------

FREQUENCIES = [1, 2, 5, 10, 20, 40, 50, 80, 100] * Hz


@pytest.mark.parametrize("name", RULES)
@pytest.mark.parametrize("lag", [5, -5])
def test_trains_are_the_geometric_sum_less_its_ends(name, lag):
    """1 to 100 Hz in one run, to 1e-9; the endless train is off by what its ends lack.

    Steps of 2.5 ms: the traces are exact at spikes, so a long step costs nothing.
    """
    parameters, G = SYNAPSES[name], held(name)
    trains = simulate_trains(
        parameters, FREQUENCIES, lag * ms, G, pairs=20, dt=2.5 * ms
    )
    arguments = FREQUENCIES, 20, lag * ms, G, parameters
    endless, ends = train_weight_change(*arguments), train_end_effect(*arguments)
    np.testing.assert_allclose(trains.delta_w, endless - ends, rtol=1e-9)
    assert float(ends[-1]) > 0.05 * float(endless[-1])  # the test would notice them


def test_lag_of_a_whole_period_pairs_with_the_next_spike():
    """A lag of T: all but the outermost spikes coincide, as at lag 0."""
    late = simulate_trains(PAPER, [40] * Hz, 25 * ms, 4 * Hz, pairs=30)
    onsets = np.arange(30) * 25
    distance = np.abs(np.subtract.outer(onsets, onsets + 25))
    expected = 0.02 * (30 + np.exp(-distance / 20).sum())
    assert float(late.delta_w[0]) == pytest.approx(expected, rel=1e-12)


# --- Poisson trains -------------------------------------------------------


@pytest.mark.parametrize("name", RULES)
def test_poisson_drift_and_variance(name):
    r"""Mean within 4 s.e. = sqrt(Var/n); variance within 4 s.e. = sqrt(2/n).

    Two pairs of rates, n = 400 trials each of 10 s. Added for the time step of
    0.5 ms: counts vary less by a fraction r dt, here at most 0.6 %. What the ends of
    the train take off the mean, 2 tau^2 r s, is below a quarter of the s.e.
    """
    parameters, G, n = SYNAPSES[name], held(name), 400
    rates = {"pre_rates": [12] * Hz, "post_rates": [3, 8] * Hz}
    run = simulate_poisson(
        parameters, **rates, G=G, duration=10 * second, trials=n, seed=12
    )
    drift = poisson_drift(12 * Hz, [3, 8] * Hz, G, parameters)
    variance = np.asarray(
        poisson_variance(10 * second, 12 * Hz, [3, 8] * Hz, G, parameters)
    )
    mean = run.delta_w[0].mean("trial").values
    assert (np.abs(mean - 10 * np.asarray(drift)) < 4 * np.sqrt(variance / n)).all()
    measured = run.delta_w[0].var("trial", ddof=1).values
    assert (np.abs(measured / variance - 1) < 4 * np.sqrt(2 / n) + 0.006).all()


def test_poisson_rates_go_to_their_own_neurons():
    """A silent side makes no pairs: paper 0 or eta G r T, exactly 0 where pre is 0."""
    run = simulate_poisson(
        PAPER, [0, 50] * Hz, [0, 20] * Hz, 4 * Hz, 2 * second, trials=30, seed=1
    )
    assert run.delta_w.dims == ("pre_rate", "post_rate", "trial")
    means = run.delta_w.mean("trial").values
    assert (means[0] == 0).all()
    # 100 +- 10 spikes in a trial: 4 s.e. of 30 trials are 7.3 spikes.
    assert means[1, 0] == pytest.approx(0.02 * 100, abs=0.02 * 7.3)
    assert means[1, 1] > 1.5 * means[1, 0]  # 1 + 2 tau r = 1.8


def test_poisson_seeds():
    """One seed, one result; none, one that can be repeated."""

    def run(seed):
        return simulate_poisson(
            PAPER, [20] * Hz, [20] * Hz, 4 * Hz, 1 * second, trials=3, seed=seed
        )

    xr.testing.assert_identical(run(7), run(7))
    assert not np.array_equal(run(7).delta_w, run(8).delta_w)
    drawn = run(None)
    xr.testing.assert_identical(run(int(drawn.seed)), drawn)
    assert len(np.unique(drawn.delta_w)) == 3  # trials differ


# --- Results --------------------------------------------------------------


@pytest.mark.parametrize("kind", ["window", "trains", "poisson"])
def test_result_survives_a_file_and_says_how_it_was_made(kind, tmp_path):
    example = replace(BRIAN_EXAMPLE.synapse, w_0=1 * nS)
    result = {
        "window": lambda: simulate_window(example, [-1, 1] * ms, [4] * Hz),
        "trains": lambda: simulate_trains(example, [50] * Hz, 1 * ms, 4 * Hz, pairs=2),
        "poisson": lambda: simulate_poisson(
            example, [5] * Hz, [5] * Hz, 4 * Hz, 50 * ms, trials=2, seed=3
        ),
    }[kind]()
    result.to_netcdf(tmp_path / "result.nc")
    xr.testing.assert_identical(xr.load_dataset(tmp_path / "result.nc"), result)
    assert result.delta_w.attrs["units"] == "S"
    numbers = [c for c in result.coords.values() if c.dtype.kind in "iuf"]
    assert all("units" in number.attrs for number in numbers)
    assert synapse_of(result) == example
    assert {"seed", "dt"} <= set(result.coords)
    assert {"target", "duration_s", "version_brian2"} <= set(result.attrs)


@pytest.mark.parametrize(
    ("name", "G"), [("zenke_2015", [-4, 8] * Hz), ("vogels_2011", None)]
)
def test_compiled_target_gives_the_same_window(name, G):
    """C++ standalone to 1e-12: every number is read back inside the run."""
    arguments = SYNAPSES[name], [-20, -1, 0, 3] * ms, G
    compiled = simulate_window(*arguments, target="cpp_standalone")
    plain = simulate_window(*arguments)
    np.testing.assert_allclose(compiled.delta_w, plain.delta_w, rtol=1e-12)


# --- Refusals -------------------------------------------------------------

COMMON = [
    ("parameters", ZENKE_2015, "SynapseParameters"),
    ("G", None, "finite value"),
    ("G", 4, "finite value in Hz"),
    ("G", np.nan * Hz, "finite value in Hz"),
    ("dt", 0 * ms, "> 0 in s"),
    ("target", "fortran", "'numpy', 'cython', 'cpp_standalone'"),
]


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        *COMMON,
        ("lags", 1 * ms, "one or more finite values in s"),
        ("lags", [] * ms, "one or more finite values in s"),
        ("lags", [1, 2] * Hz, "one or more finite values in s"),
        ("lags", [1, 1.25] * ms, "multiples of the time step"),
        ("G", [1, np.inf] * Hz, "finite values in Hz"),
        ("G", [] * Hz, "finite values in Hz"),
    ],
)
def test_window_refuses(name, value, allowed, refused):
    good = {"parameters": PAPER, "lags": [1] * ms, "G": 4 * Hz}
    with refused(name, value, allowed):
        simulate_window(**{**good, name: value})


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        *COMMON,
        ("G", [4, 5] * Hz, "one finite value in Hz"),
        ("frequencies", 10 * Hz, "one or more finite values > 0 in Hz"),
        ("frequencies", [0, 10] * Hz, "one or more finite values > 0 in Hz"),
        ("frequencies", [10, 30] * Hz, "periods are multiples of dt"),
        ("frequencies", [1e5] * Hz, "periods are multiples of dt"),
        ("lag", 0.25 * ms, "multiples of the time step"),
        ("lag", [1] * ms, "one finite value in s"),
        ("pairs", 0, "a whole number >= 1"),
    ],
)
def test_trains_refuse(name, value, allowed, refused):
    good = {"parameters": PAPER, "frequencies": [10] * Hz, "lag": 1 * ms, "G": 4 * Hz}
    with refused(name, value, allowed):
        simulate_trains(**{**good, name: value})


@pytest.mark.parametrize(
    ("name", "value", "allowed"),
    [
        *COMMON,
        ("G", [4, 5] * Hz, "one finite value in Hz"),
        ("pre_rates", 10 * Hz, "one or more finite values >= 0 in Hz"),
        ("post_rates", [-1] * Hz, "one or more finite values >= 0 in Hz"),
        ("post_rates", [3000] * Hz, "at most one spike per time step"),
        ("duration", 0 * ms, "> 0 in s"),
        ("duration", 0.75 * ms, "multiples of the time step"),
        ("trials", 0, "a whole number >= 1"),
        ("seed", -1, "a whole number >= 0"),
    ],
)
def test_poisson_refuses(name, value, allowed, refused):
    good = {
        "parameters": PAPER,
        "pre_rates": [10] * Hz,
        "post_rates": [10] * Hz,
        "G": 4 * Hz,
        "duration": 1 * second,
    }
    with refused(name, value, allowed):
        simulate_poisson(**{**good, name: value})


def test_a_G_that_would_be_ignored_is_refused(refused):
    vogels = SYNAPSES["vogels_2011"]
    allowed = "None, because the rule 'vogels_2011' does not read G"
    with refused("G", 4 * Hz, allowed):
        simulate_window(vogels, [1] * ms, 4 * Hz)
    with refused("G", 4 * Hz, allowed):
        simulate_trains(vogels, [10] * Hz, 1 * ms, 4 * Hz)
    with refused("G", 4 * Hz, allowed):
        simulate_poisson(vogels, [10] * Hz, [10] * Hz, 4 * Hz, 1 * second)
