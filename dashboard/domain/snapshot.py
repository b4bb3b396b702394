"""What a snapshot for analysts holds: its tables, and what each column means."""

from enum import StrEnum

TABLES: dict[str, dict[str, str]] = {
    "schools": {
        "uai": "code national de l'école",
        "name": "nom de l'école",
        "district": "circonscription",
        "department": "code du département, comme les UAI l'écrivent",
        "academy": "académie",
        "kind": "NURSERY maternelle, ELEMENTARY élémentaire, PRIMARY primaire ; vide si inconnu",
        "sector": "PUBLIC public, PRIVATE privé ; vide si inconnu",
        "latitude": "degrés (WGS 84)",
        "longitude": "degrés (WGS 84)",
    },
    "students": {
        "student": "pseudonyme de l'élève",
        "uai": "école",
        "level": "niveau ; vide s'il distinguait trop peu d'élèves, ou s'il est inconnu",
        "class": "classe ; vide si elle a trop peu d'élèves, ou si elle est inconnue",
        "age": "âge en années révolues ; vide s'il distinguait trop peu d'élèves",
    },
    "accounts": {
        "account": "pseudonyme du compte",
        "origin": "SCHOOL établissement, SELF_REGISTERED auto-inscription, FRANCECONNECT",
        "state": "NOT_NOTIFIED, NOTIFIED, ACTIVATING (activation commencée), ACTIVATED",
        "distributed_on": "jour de la dernière notification",
        "last_access_on": "jour de la dernière connexion",
        "has_email": "si une adresse de messagerie est connue",
        "has_mobile": "si un téléphone mobile est connu",
    },
    "links": {
        "account": "pseudonyme du compte",
        "student": "pseudonyme de l'élève ; vide pour un enfant à préciser",
        "uai": "école",
        "class": "classe de l'élève, comme dans students",
        "level": "niveau de l'élève, comme dans students",
    },
    "journal": {
        "account": "pseudonyme du compte",
        "happened_on": "jour",
        "action": "ce qui a été fait",
        "from_state": "état avant",
        "to_state": "état après",
        "refused": "si l'action a été refusée",
    },
    "publication": {
        "secret": "ce qui arrondit les chiffres tirés de l'extrait : à ne pas publier",
    },
}


class SnapshotFormat(StrEnum):
    """The forms that a snapshot is written in."""

    PARQUET = "parquet"
    XLSX = "xlsx"
    CSV = "csv"


README = "LISEZMOI.md"


def dictionary(smallest: int, left_out: int, taken_on: str) -> str:
    """The document that explains a snapshot (Markdown, in French)."""
    tables = "\n\n".join(
        f"## {table}\n\n| colonne | contenu |\n|---|---|\n"
        + "\n".join(f"| `{name}` | {text} |" for name, text in columns.items())
        for table, columns in TABLES.items()
    )
    return f"""# Extrait des comptes au {taken_on}

Ni nom, ni identifiant, ni coordonnée, ni date de naissance. Élèves et comptes portent un
pseudonyme, le même d'un extrait à l'autre, tiré d'une clé qui reste auprès de la base ; l'ordre des
lignes ne dit rien. Ce sont des données pseudonymisées, donc personnelles : ne les transmettez pas.

Une école de moins de {smallest} élèves est laissée de côté ({left_out} ici). Sont vides : une
classe de moins de {smallest} élèves, un niveau que moins de {smallest} élèves ont dans leur classe,
un âge que moins de {smallest} élèves ont dans leur classe et leur niveau. Ce qui en est tiré et
publié doit cacher les petits effectifs : `dashboard.statistics(…, smallest_count={smallest})`.

Les comptes des semaines passées (`tallies`) sont ceux que les inspecteurs voient : arrondis école
par école à un multiple de {smallest}. Qui est parti depuis n'est plus ailleurs dans l'extrait.

`dashboard.connect("ce dossier")` ouvre l'extrait au format Parquet ; `statistics`, `timeline`,
`tallies` et `activation_times` s'y appliquent comme à la base.

{tables}
"""
