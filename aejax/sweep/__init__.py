"""Sweeps: a plan of many runs, kept on disk, and carried out on this machine, on Ray, or over a shared database."""
