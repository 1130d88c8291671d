"""Walls of the Linux kernel, asked for by system calls: no package is needed, and each says whether it stands."""
