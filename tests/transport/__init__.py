"""Tests of dashboard/transport."""
