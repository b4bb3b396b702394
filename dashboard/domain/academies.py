"""Départements and the academies that head them (decree on academies, as in force since 2020)."""

from dashboard.domain.names import name_key

_ACADEMIES: dict[str, str] = {
    "Aix-Marseille": "004 005 013 084",
    "Amiens": "002 060 080",
    "Besançon": "025 039 070 090",
    "Bordeaux": "024 033 040 047 064",
    "Clermont-Ferrand": "003 015 043 063",
    "Corse": "620 720",
    "Créteil": "077 093 094",
    "Dijon": "021 058 071 089",
    "Grenoble": "007 026 038 073 074",
    "Guadeloupe": "971 977 978",
    "Guyane": "973",
    "La Réunion": "974",
    "Lille": "059 062",
    "Limoges": "019 023 087",
    "Lyon": "001 042 069",
    "Martinique": "972",
    "Mayotte": "976",
    "Montpellier": "011 030 034 048 066",
    "Nancy-Metz": "054 055 057 088",
    "Nantes": "044 049 053 072 085",
    "Nice": "006 083",
    "Normandie": "014 027 050 061 076",
    "Orléans-Tours": "018 028 036 037 041 045",
    "Paris": "075",
    "Poitiers": "016 017 079 086",
    "Reims": "008 010 051 052",
    "Rennes": "022 029 035 056",
    "Strasbourg": "067 068",
    "Toulouse": "009 012 031 032 046 065 081 082",
    "Versailles": "078 091 092 095",
}
_ACADEMY_OF = {code: name for name, codes in _ACADEMIES.items() for code in codes.split()}
_SPELLED = {name_key(name): name for name in _ACADEMIES}
# Elsewhere Corsica's départements are written as the INSEE has them.
_CORSICA = {"02A": "620", "02B": "720"}


def academy_of(department: str) -> str | None:
    """The academy of a département code as the UAI writes it; ``None`` if it has none."""
    return _ACADEMY_OF.get(department)


def departments_of(academy: str) -> list[str]:
    """The département codes of an academy of this name, as UAIs write them."""
    return _ACADEMIES[academy].split()


def academies() -> list[str]:
    """The names of all academies."""
    return list(_ACADEMIES)


def normal_academy(text: str) -> str:
    """The academy's name as it is spelled here; another's as it is given."""
    return _SPELLED.get(name_key(text), text)


def is_academy(name: str) -> bool:
    """Whether an academy has this name."""
    return name in _ACADEMIES


def normal_department(text: str) -> str:
    """A département code as UAIs write it: ``21`` and ``021`` are ``021``, ``2A`` is ``620``."""
    code = text.strip().upper().rjust(3, "0")
    return _CORSICA.get(code, code)


def normal_district(text: str) -> str:
    """A district's name; with its département before it, if so given, as UAIs write it."""
    before, slash, name = text.partition("/")
    department = normal_department(before)
    return f"{department}/{name}" if slash and academy_of(department) else text
