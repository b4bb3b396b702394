"""The subcommands of ``educonnect``, by what they do; each is thin over the same actions."""
