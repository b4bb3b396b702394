"""Passwords and signed links: made, hashed, checked; no secret is kept here."""
