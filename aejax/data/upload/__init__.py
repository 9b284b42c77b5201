"""Data sets that a visitor brings: read with suspicion, in a process apart, within declared limits."""
