"""Count spikes in the network itself, so that memory grows with neither cells nor time.

A recorder is a group of one element. Every spike of a population adds to its count;
at regular intervals the count is sampled and begun anew.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from brian2 import BrianObject, Clock, NeuronGroup, Quantity, Synapses

from .recording import Output, record, time_of

#: ``interval`` is a constant of the program, ``counted_from`` a parameter.
RECORDER = """
counted_from : second (shared, constant)
"""

#: The parameter that says from when on the spikes of single cells count.
COUNTED_FROM = "recorder.counted_from"

#: For each population: spikes since the last sample, and the rate that they make.
COUNT = """
spikes_{0} : 1
rate_{0} = spikes_{0}/(n_{0}*interval) : Hz
"""

#: The mean of a weight over synapses, taken by way of their postsynaptic cells.
MEAN_WEIGHT = """
w : 1
"""

#: What a spike adds: to the population, and to the late spikes of its own cell.
ON_SPIKE = """
spikes_{0}_post += 1
late_spikes += int(t > counted_from_post - dt/2)
"""


@dataclass(frozen=True)
class Counts:
    """Objects that count spikes, and what they record.

    Parameters
    ----------
    objects : tuple of brian2.BrianObject
        All objects, to be added to a network.
    samples : tuple of Output
        ``time``; for each population k ``rate_k``, in the interval before each
        sample, none at the first; the mean weight ``w``.
    last : tuple of Output
        ``last_spikes_k`` in the last interval, of which there is no sample.
    late : tuple of Output
        ``late_spikes_k``, the spikes of each cell since ``counted_from``.
    """

    objects: tuple[BrianObject, ...]
    samples: tuple[Output, ...]
    last: tuple[Output, ...]
    late: tuple[Output, ...]


def count_spikes(
    populations: Mapping[str, NeuronGroup],
    clock: Clock,
    *,
    counted_from: Quantity,
    weighed: Sequence[Synapses],
) -> Counts:
    """Let a recorder count the spikes of populations.

    Parameters
    ----------
    populations : mapping of str to brian2.NeuronGroup
        The populations, by a short name such as ``"E"``.
    clock : brian2.Clock
        When the counts are sampled and begun anew.
    counted_from : Quantity
        When the count of single cells begins, in seconds.
    weighed : sequence of brian2.Synapses
        Synapses onto the population ``"E"`` whose mean weight w is sampled; of
        several, the sum of their means. Its cells have a variable w_inh for the
        purpose.

    Returns
    -------
    Counts
        The objects and the outputs.
    """
    recorder = NeuronGroup(
        1,
        RECORDER + "".join(COUNT.format(name) for name in populations) + MEAN_WEIGHT,
        namespace={f"n_{name}": len(cells) for name, cells in populations.items()}
        | {"interval": clock.dt},
        name="recorder",
    )
    recorder.counted_from = counted_from
    counters = {
        name: _counter(name, cells, recorder) for name, cells in populations.items()
    }
    names = [*(f"rate_{name}" for name in populations), "w"]
    # In this order: average, sample, begin anew.
    tick = {"clock": clock, "when": "start"}
    _average(weighed, populations["E"], counters["E"], recorder, tick)
    monitor, samples = record(
        recorder, names, clock=clock, order=1, name="recording_of_counts"
    )
    begin_anew = "\n".join(f"spikes_{name} = 0" for name in populations)
    recorder.run_regularly(begin_anew, order=2, **tick)
    return Counts(
        objects=(recorder, *counters.values(), monitor),
        samples=(time_of(monitor), *samples),
        last=tuple(
            Output(
                name=f"last_spikes_{name}",
                variable=recorder.variables[f"spikes_{name}"],
                dims=(),
                meaning=f"spikes of {name} in the last interval",
            )
            for name in populations
        ),
        late=tuple(
            Output(
                name=f"late_spikes_{name}",
                variable=counters[name].variables["late_spikes"],
                dims=(f"{name}_cell",),
                meaning=f"late spikes of single {name} cells",
            )
            for name in populations
        ),
    )


def _counter(name: str, cells: NeuronGroup, recorder: NeuronGroup) -> Synapses:
    counter = Synapses(
        cells,
        recorder,
        "late_spikes : 1",
        on_pre=ON_SPIKE.format(name),
        namespace={},
        name=f"counter_of_{cells.name}",
    )
    counter.connect(namespace={})
    return counter


def _average(
    weighed: Sequence[Synapses],
    cells: NeuronGroup,
    counter: Synapses,
    recorder: NeuronGroup,
    tick: Mapping[str, object],
) -> None:
    # A synapse knows no recorder: its share in the mean goes by way of its cell.
    cells.run_regularly("w_inh = 0", order=-2, **tick)
    for synapses in weighed:
        synapses.run_regularly("w_inh_post += w/N", order=-1, **tick)
    recorder.run_regularly("w = 0", order=-1, **tick)
    counter.run_regularly("w_post += w_inh_pre", order=0, **tick)
