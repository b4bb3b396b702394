"""What is typed into a search of names: nothing, words, or signs that leave nothing to find."""

from dataclasses import dataclass

from dashboard.domain.names import name_key


@dataclass(frozen=True, slots=True)
class Search:
    """A typed text as names are searched by it; only a blank one is no condition."""

    text: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """What has to be found, all of it."""
        return tuple(name_key(self.text).split())

    @property
    def is_blank(self) -> bool:
        """Whether nothing was typed: no condition."""
        return not self.text.strip()

    @property
    def is_void(self) -> bool:
        """Whether what was typed leaves nothing to find: it finds nothing, and never everybody."""
        return not self.is_blank and not self.words

    @property
    def reason(self) -> str:
        """Why a void search finds nothing; nothing for any other."""
        if not self.is_void:
            return ""
        return f"rien à chercher dans « {self.text.strip()} » : tapez des lettres ou des chiffres."
