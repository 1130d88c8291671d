"""The life of a release after its approval: its end, its roll-out, and the runs that came later."""
