"""Tests of files handed out."""
