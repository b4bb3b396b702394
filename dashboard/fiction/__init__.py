"""Fictitious schools, people and histories of accounts, as frames: the same at every same seed."""
