"""Every figure of the book: each function draws a result into axes and returns them.

Nothing here simulates and nothing calls ``show``. The same quantity has the same
colour, line or marker everywhere; see `STYLES`. The functions live in
`homeo.figures`, one module for each chapter.
"""

# ruff: noqa: F401 - what is imported here is what readers find here.

from .figures.drawings import (
    as_svg,
    draw_delays,
    draw_knowledge,
    draw_loop,
    draw_network,
    draw_pair,
    draw_shared_factor,
)
from .figures.estimate import (
    plot_band,
    plot_precision,
    plot_rate_estimate,
    plot_step_responses,
)
from .figures.loop import plot_cells, plot_loop, plot_potential
from .figures.pairing import (
    plot_against_G,
    plot_against_lag,
    plot_course,
    plot_experiment,
    plot_pair_line,
    plot_pairings,
    plot_spikes,
    plot_synapse,
    plot_synapses,
    plot_traces,
    plot_weight_change,
)
from .figures.rules import (
    plot_cells_by_rule,
    plot_counts_twice,
    plot_courses_by_rule,
)
from .figures.shared import plot_cost, plot_raster, plot_seeds, plot_trials
from .figures.stability import plot_ringing_map
from .figures.styles import (
    RULE_LABELS,
    RULE_STYLES,
    STYLES,
    line_style,
    marker_style,
    signed,
)
from .figures.window import (
    plot_accumulated,
    plot_by_frequency,
    plot_by_rate,
    plot_end_effect,
    plot_lone_spikes,
    plot_pair_by_lag,
    plot_rules,
    plot_window,
    plot_window_slices,
)

__all__ = [name for name in dir() if not name.startswith("_")]
