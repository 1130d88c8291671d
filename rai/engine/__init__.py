"""The engine under the checks: reading tables into counts, intervals, verdicts and the planning of sample sizes."""
