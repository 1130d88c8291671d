"""Pages of meetings: the plan and one meeting, its agenda items, and the acts on both."""
