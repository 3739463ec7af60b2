"""What every simulation refuses before it runs, and the number it names."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
from brian2 import Hz, Quantity, TimedArray, ms, nS, second, siemens, volt

from homeo import checks, memory
from homeo.arguments import checked, rates, times
from homeo.checks import (
    LARGEST_COUNT,
    LONGEST_STEP,
    check_dt,
    check_fits_32_bits,
    check_interval,
    check_memory,
    check_multiple,
    check_on_grid,
    check_quantity,
    check_seed,
    check_spike_times,
    check_spikes_per_step,
    check_steps_fine_enough,
    check_train,
)
from homeo.theory import clock_driven_gain

pytestmark = pytest.mark.usefixtures("silent")


# --- One quantity ---------------------------------------------------------


def test_quantity_of_any_shape():
    for shape in ((), (3,), (2, 1, 4)):
        given = np.ones(shape) * Hz
        checked_value = check_quantity("rate", given, Hz, above=0, ndim=None)
        assert checked_value.shape == shape
        assert not np.shares_memory(checked_value, given)
        assert not checked_value.flags.writeable


@pytest.mark.parametrize("bad", [[True, 2], [[1, False]], (np.True_,)])
def test_truth_values_are_no_numbers_in_lists_either(refused, bad):
    """Numpy makes 1 of True as soon as a number stands beside it."""
    with refused("w", bad, "without a unit"):
        check_quantity("w", bad, 1, ndim=None)


def test_number_behind_a_mask_is_not_taken(refused):
    masked = np.ma.array([1.0, -9999.0], mask=[False, True])
    with refused("w", masked, "without a unit"):
        check_quantity("w", masked, 1, ndim=1)
    whole = np.ma.array([1.0, 2.0], mask=False)
    np.testing.assert_array_equal(check_quantity("w", whole, 1, ndim=1), [1, 2])


def test_infinity_where_it_is_allowed(refused):
    forever = [1, np.inf] * second
    assert np.isinf(check_quantity("t", forever, second, ndim=1, finite=False)[1])
    with refused("t", forever, "one or more finite values in s"):
        check_quantity("t", forever, second, ndim=1)
    never = np.nan * second
    with refused("t", never, "one value in s"):
        check_quantity("t", never, second, finite=False)


def test_both_bounds_are_named(refused):
    with refused("p", 1.5, "one finite value > 0 and <= 1 without a unit"):
        check_quantity("p", 1.5, 1, above=0, at_most=1)
    assert check_quantity("p", 1, 1, above=0, at_most=1) == 1


def test_unit_of_a_number_and_of_a_weight(refused):
    with refused("eta", 1 * volt, "in S s"):
        check_quantity("eta", 1 * volt, siemens * second)
    eta = check_quantity("eta", 1 * nS * second, siemens * second)
    assert float(eta) == pytest.approx(1e-9)


def test_seeds_have_an_upper_bound(refused):
    assert check_seed(LARGEST_COUNT) == LARGEST_COUNT
    with refused("seed", 2**31, "a whole number from 0 to 2147483647"):
        check_seed(2**31)


# --- Time steps -----------------------------------------------------------


@pytest.mark.parametrize("dt", [1e-21, 1e-13, 1e-300, 1e-320])
def test_more_steps_than_can_be_counted_are_refused(refused, dt):
    """10 ms in steps of 1e-21 s gave an empty result: 1e19 does not fit an int64."""
    tiny = dt * second
    for duration in (10 * ms, 1 * second):
        with refused("dt", tiny, "has at most 2147483647; it would take"):
            check_dt(tiny, duration)
        with refused("duration", duration, "at most 2147483647 time steps"):
            check_interval("duration", duration, tiny)
    with refused("lags", [-1, 1] * ms, "at most 2147483647 time steps"):
        check_on_grid("lags", [-1, 1] * ms, tiny)
    with refused("spikes", [1] * ms, "at most 2147483647 time steps"):
        check_spike_times("spikes", [1] * ms, duration=1 * second, dt=tiny)


def test_the_number_it_would_take_is_told():
    with pytest.raises(ValueError, match=r"it would take 1e\+19$"):
        check_dt(1e-21 * second, 10 * ms)
    with pytest.raises(ValueError, match=r"it would take 1e\+19$"):
        check_interval("duration", 10 * ms, 1e-21 * second)


def test_as_many_steps_as_can_be_counted_are_allowed():
    """Up to here a multiple is told from what lies between two steps."""
    dt = 0.1 * ms
    longest = LARGEST_COUNT * dt
    assert check_dt(dt, longest) == dt
    assert check_interval("duration", longest, dt) == longest
    with pytest.raises(ValueError, match="^duration: got .*; allowed: multiples of"):
        check_interval("duration", longest - 0.01 * dt, dt)


@pytest.mark.parametrize("dt", [0 * ms, -1 * ms, np.nan * ms, np.inf * ms, 1, None])
def test_dt_is_a_positive_time(refused, dt):
    with refused("dt", dt, "one finite value > 0 in s"):
        check_dt(dt)


def test_dt_below_all_numbers_is_refused(refused):
    """One second divided by it is infinite, so no step can be counted."""
    with refused("dt", 1e-320 * second, "a second has at most"):
        check_dt(1e-320 * second)


def test_multiple_of_an_interval(refused):
    assert check_multiple("record_dt", 3 * ms, "dt", 0.1 * ms) == 3 * ms
    for bad in (0.05 * ms, 0.25 * ms):
        with refused("record_dt", bad, "a multiple of dt"):
            check_multiple("record_dt", bad, "dt", 0.1 * ms)
    with refused("record_dt", 1e200 * second, "a multiple of dt"):
        check_multiple("record_dt", 1e200 * second, "dt", 1e-200 * second)


def test_train_of_spikes_without_a_grid(refused):
    assert check_train("spikes", None) is None
    assert len(check_train("spikes", [] * second)) == 0
    any_origin = [-1, 2.05] * ms
    np.testing.assert_array_equal(check_train("spikes", any_origin), any_origin)
    for bad in ([2, 1] * ms, [1, 1] * ms):
        with refused("spikes", bad, "in ascending order, no two the same"):
            check_train("spikes", bad)


# --- What a step can hold -------------------------------------------------


@pytest.mark.parametrize(
    "rate",
    [
        2000 * Hz,
        [10, 2000] * Hz,
        TimedArray([5, 2000] * Hz, dt=10 * ms),
        TimedArray([[5, 5], [2000, 5]] * Hz, dt=10 * ms),
    ],
    ids=["constant", "of several", "in time", "of several in time"],
)
def test_two_spikes_per_step_are_refused(rate):
    """At 2000 Hz and 1 ms H came to rest at 1005 Hz."""
    message = r"(?s)^rate: got .*at most one spike per time step .*take 2 per step$"
    with pytest.raises(ValueError, match=message):
        check_spikes_per_step("rate", rate, 1 * ms)
    check_spikes_per_step("rate", rate, 0.5 * ms)


@pytest.mark.parametrize("n", [3, 7, 9, 11, 13, 10_000])
def test_one_spike_in_every_step_is_allowed(n):
    """Whatever the rounding of 1/dt."""
    check_spikes_per_step("rate", n * Hz, 1 / (n * Hz))
    check_spikes_per_step("rate", 1 / (n * 0.1 * ms), n * 0.1 * ms)


CONSTANTS = {"tau_m": 20 * ms, "tau_ampa": 5 * ms, "tau_gaba": 10 * ms}


def test_steps_longer_than_the_shortest_constant_are_refused(refused):
    """It is named, whatever the order, with the longest step that is allowed."""
    for names in itertools.permutations(CONSTANTS):
        constants = {name: CONSTANTS[name] for name in names}
        check_steps_fine_enough(5 * ms, constants)
        with refused("dt", 5.1 * ms, "at most 5. ms, because the model has tau_ampa"):
            check_steps_fine_enough(5.1 * ms, constants)
        check_steps_fine_enough(1 * ms, constants, method="euler")
        for dt in (1.1 * ms, 2.5 * ms, 5 * ms):
            with refused("dt", dt, "at most 1. ms, because the model has tau_ampa"):
                check_steps_fine_enough(dt, constants, method="euler")
    with refused("method", "rk4", "'exact', 'euler'"):
        check_steps_fine_enough(1 * ms, CONSTANTS, method="rk4")


def test_what_the_longest_steps_cost():
    """An exact decay reads 58 % too high; Euler's is 12 % too fast, and stays >= 0.

    The multiplier of Euler's method is 1 - dt/tau: it is stable below a step of 2 tau
    and does not overshoot below tau.
    """
    too_high = clock_driven_gain(LONGEST_STEP["exact"] * ms, 1 * ms)
    assert too_high == pytest.approx(1.58, abs=5e-3)
    x = LONGEST_STEP["euler"]
    assert -np.log(1 - x) / x - 1 == pytest.approx(0.12, abs=5e-3)
    assert 0 < 1 - x < 1


def test_counts_beyond_32_bits_are_refused():
    """10^12 neurons at 100 Hz: 10^10 spikes a step, which came back as -13.5 Hz."""
    for number in (1e10, 2.0**31, LARGEST_COUNT - 1e5, np.inf, np.nan):
        with pytest.raises(
            ValueError, match="^N: got 'a count of .*at most 2147483647"
        ):
            check_fits_32_bits("N", number)
    for number in (0, 1, 1e9, LARGEST_COUNT - 4e5):
        check_fits_32_bits("N", number)


def test_largest_draw_fits_where_its_mean_does():
    """2e5 draws at the largest mean that is allowed, the last of them 5 sd above it."""
    mean = LARGEST_COUNT - 8 * np.sqrt(LARGEST_COUNT)
    check_fits_32_bits("N", mean)
    draws = np.random.default_rng(1).poisson(mean, 200_000)
    assert draws.max() <= LARGEST_COUNT
    assert draws.max() > mean + 3 * np.sqrt(mean)


def test_sizes_beyond_memory_are_refused(monkeypatch):
    monkeypatch.setattr(checks, "available_memory", lambda: 2_000_000_000)
    check_memory("record_dt", 1.9e9)
    for size in (2.1e9, 1e15, np.inf, np.nan):
        message = "^record_dt: got 'a size of .* GB'; allowed: what fits in the 2 GB"
        with pytest.raises(ValueError, match=message):
            check_memory("record_dt", size)


@pytest.mark.parametrize(
    ("text", "limit"),
    [("1000000\n", 1_000_000), ("max\n", None), ("9223372036854771712\n", None)],
)
def test_limit_of_a_container_counts(monkeypatch, tmp_path, text, limit):
    """Binder gives 2 GB on machines that have much more."""
    machine = 8_000_000_000
    found = type("Memory", (), {"available": machine})
    monkeypatch.setattr(memory.psutil, "virtual_memory", found)
    (tmp_path / "memory.max").write_text(text)
    files = "memory.max", "memory.current", "inactive_file"
    places = [(tmp_path / "none", *files), (tmp_path, *files)]
    monkeypatch.setattr(memory, "CGROUPS", places)
    assert memory.available_memory() == (machine if limit is None else limit)


# --- Declarations ---------------------------------------------------------


def test_declarations_are_those_of_the_arguments():
    """A function whose declarations lag behind its signature cannot be imported."""
    with pytest.raises(TypeError, match="^f has the arguments t, rate$"):

        @checked(t=times("A time"))
        def f(t: Quantity, rate: Quantity) -> None:
            """Do nothing."""


def test_function_keeps_its_face_and_gets_checked_values():
    calls = []

    @checked(t=times("A time", at_least=0, ndim=None), rate=rates("A rate", above=0))
    def f(t: Quantity, rate: Quantity = 1 * Hz) -> Quantity:
        """Multiply.

        Returns
        -------
        Quantity
            The product.
        """
        calls.append((t, rate))
        return t * rate

    assert f.__name__ == "f"
    assert f.__doc__ == "\n".join(
        [
            "Multiply.",
            "",
            "Parameters",
            "----------",
            "t : Quantity",
            "    A time; one or more finite values >= 0 in s, of any shape.",
            "rate : Quantity, optional",
            "    A rate; one finite value > 0 in Hz.",
            "",
            "Returns",
            "-------",
            "Quantity",
            "    The product.",
            "",
            "Raises",
            "------",
            "ValueError",
            "    If an argument is refused; the message says what is allowed.",
            "OverflowError",
            "    If the result is too large, or no number.",
        ]
    )
    assert float(f([2, 3] * second)[1]) == 3
    assert not calls.pop()[0].flags.writeable
    for bad in ({"t": 1}, {"t": -1 * second}, {"t": 1 * second, "rate": 0 * Hz}):
        with pytest.raises(ValueError, match="^(t|rate): got .*; allowed: one "):
            f(**bad)
    assert calls == []
    with pytest.raises(OverflowError, match=r"^f\(t=.*, rate=1.e\+276 \* Yhertz"):
        f([1e300] * second, 1e300 * Hz)
