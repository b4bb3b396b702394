"""How messages leave: by a mail server, or into a folder."""
