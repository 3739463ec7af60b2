"""How and where a simulation runs, and what comes out of it."""
