"""Plain HTML that needs no script: guardians' pages, the staff's sign-in, the guides."""
