"""Readers of the files people bring: every problem of a file collected, nothing written."""
