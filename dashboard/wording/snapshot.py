"""What a snapshot for analysts holds: its tables, and what each column means."""

from collections.abc import Mapping

from dashboard.domain.french import number, percent

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
        "class": "classe ; vide si elle distinguait trop peu d'élèves, ou si elle est inconnue",
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
    "tallies": {
        "academy": "académie",
        "department": "code du département",
        "day": "dimanche qui achève la semaine",
        "not_notified": "comptes non notifiés ce jour-là ; arrondi, vide s'ils étaient trop peu",
        "notified": "comptes notifiés et non activés, de même",
        "activating": "comptes en cours d'activation, de même",
        "activated": "comptes activés, de même",
    },
    "publication": {
        "secret": "ce qui arrondit les chiffres tirés de l'extrait : à ne pas publier",
    },
}


README = "LISEZMOI.md"


def dictionary(
    smallest: int, left_out: int, blanked: Mapping[str, int], students: int, taken_on: str
) -> str:
    """The document that explains a snapshot (Markdown, in French).

    Args:
        left_out: how many schools are.
        blanked: of how many of the `students` a column is left empty, though it is known.
    """
    tables = "\n\n".join(
        f"## {table}\n\n| colonne | contenu |\n|---|---|\n"
        + "\n".join(f"| `{name}` | {text} |" for name, text in columns.items())
        for table, columns in TABLES.items()
    )
    told = "\n".join(
        f"| `{name}` | {number(count)} | {percent(round(100 * count / max(students, 1), 2))} |"
        for name, count in blanked.items()
    )
    return f"""# Extrait des comptes au {taken_on}

Ni nom, ni identifiant, ni coordonnée, ni date de naissance. Élèves et comptes portent un
pseudonyme, le même d'un extrait à l'autre et dans tous les formats, tiré d'une clé qui reste auprès
de la base ; l'ordre des lignes ne dit rien. Ce sont des données pseudonymisées, donc personnelles :
ne les transmettez pas.

## Ce qui manque

Une école de moins de {smallest} élèves est laissée de côté ({left_out} ici). Pour qu'aucun élève ne
soit reconnu, ils sont toujours au moins {smallest} de la même école à la même classe, au même
niveau et au même âge, tels que l'extrait les dit. Là où ils étaient moins, la classe, le niveau ou
l'âge est laissé vide, la classe plutôt que le niveau ; il l'est aussi de quelques autres, tirés au
sort une fois pour toutes, pour que ceux-là ne s'en distinguent pas. Ce qui a été vidé, sur
{number(students)} élèves :

| colonne | élèves | part |
|---|---|---|
{told}

Ce qui est tiré de l'extrait et publié doit cacher les petits effectifs :
`dashboard.statistics(…, smallest_count={smallest})`.

Les comptes des semaines passées (table `tallies`) sont ceux que les inspecteurs voient : arrondis
école par école à un multiple de {smallest}, puis ajoutés par département. N'y figurent que les
départements d'au moins dix écoles : semaine par semaine et école par école, ils diraient, à côté du
reste de l'extrait, qui est parti depuis.

## Comment le lire

`dashboard.connect("ce dossier")` ouvre l'extrait au format Parquet ; `statistics`, `timeline` et
`activation_times` s'y appliquent comme à la base, et `tallies` par département. Les dates sont des
dates (`AAAA-MM-JJ` en CSV). En CSV, le séparateur est le point-virgule, la virgule est décimale, et
un nom ou une classe qu'un tableur prendrait pour une formule a une apostrophe devant.

{tables}
"""
