"""Where uploaded bytes are opened: a child process with limits, started by `launcher.run`, and nowhere else."""
