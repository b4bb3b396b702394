"""School levels in their pedagogical order."""

from dashboard.domain.names import name_key

LEVELS = ("TPS", "PS", "MS", "GS", "CP", "CE1", "CE2", "CM1", "CM2", "ULIS", "UPE2A")
UNKNOWN_LEVEL = ""
# Levels that some files give to students who have a class of their age as well.
DISPOSITIFS = ("ULIS", "UPE2A")

# Other spellings seen in extractions; CLIS became ULIS in 2015, CLIN became UPE2A in 2012.
_SPELLINGS = {
    "clis": "ULIS",
    "clin": "UPE2A",
    "upe 2a": "UPE2A",
    "toute petite section": "TPS",
    "petite section": "PS",
    "moyenne section": "MS",
    "grande section": "GS",
    "cours preparatoire": "CP",
    "cours elementaire 1": "CE1",
    "cours elementaire 2": "CE2",
    "cours moyen 1": "CM1",
    "cours moyen 2": "CM2",
} | {level.lower(): level for level in LEVELS}


def parse_level(text: str) -> str:
    """The level that a file's cell names; ``""`` for an empty cell.

    Raises:
        ValueError: in French, with the levels that would be right.
    """
    key = name_key(text)
    if not key:
        return UNKNOWN_LEVEL
    level = _SPELLINGS.get(key) or _SPELLINGS.get(key.replace(" ", ""))
    if level is None:
        raise ValueError(f"niveau « {text} » inconnu. Attendu : {', '.join(LEVELS)}.")
    return level


def level_rank(level: str) -> int:
    """The place of a level in the pedagogical order; unknown levels come last."""
    return LEVELS.index(level) if level in LEVELS else len(LEVELS)
