"""What the screen shows: states without widgets, thin views, the shell and its repairs."""
