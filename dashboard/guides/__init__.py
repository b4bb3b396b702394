"""The French guides that the application shows, each at an address of its own."""

from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from dashboard.domain.scope import Role

ROOT = "/guides"
PICTURES = Path(str(resources.files(__package__))) / "pictures"


@dataclass(frozen=True, slots=True)
class Guide:
    """A guide: its name in its address, its title, its file, and the roles that it concerns."""

    name: str
    title: str
    file: str
    roles: frozenset[Role]

    @property
    def address(self) -> str:
        return f"{ROOT}/{self.name}"


_EVERYBODY = frozenset(Role)
_SCHOOLS = frozenset({Role.DIRECTOR, Role.DEPUTY})
_INSPECTORS = frozenset({Role.INSPECTOR})
_OPERATORS = frozenset({Role.ADMINISTRATOR})
QUICK = Guide("rapide", "Guide rapide", "quick", _SCHOOLS)
DETAILED = Guide("detaille", "Guide détaillé", "detailed", _EVERYBODY)
GUIDES = {
    one.name: one
    for one in (
        QUICK,
        Guide("inspection", "Guide rapide de l'inspection", "inspectors", _INSPECTORS),
        DETAILED,
        Guide(
            "exploitation",
            "Exploitation : installer, sauvegarder, surveiller",
            "exploitation",
            _OPERATORS,
        ),
        Guide("securite", "Sécurité : ce qui est protégé, et contre qui", "securite", _OPERATORS),
        Guide("accessibilite", "Accessibilité : non conforme", "accessibility", _EVERYBODY),
    )
}


def guides_for(role: Role) -> list[Guide]:
    """The guides that concern a role, in their order."""
    return [one for one in GUIDES.values() if role in one.roles]


def guide(file: str) -> str:
    """The Markdown of a guide of this folder, as it is written."""
    return resources.files(__package__).joinpath(f"{file}.md").read_text(encoding="utf-8")
