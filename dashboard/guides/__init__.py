"""The French guides that the application shows."""

from importlib import resources


def guide(name: str) -> str:
    """The Markdown of a guide of this folder, by its name."""
    return resources.files(__package__).joinpath(f"{name}.md").read_text(encoding="utf-8")
