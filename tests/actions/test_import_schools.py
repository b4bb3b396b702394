"""The public directory of schools: where each school is, and what kind it is."""

import random
from datetime import date
from pathlib import Path

import pytest

from dashboard.actions.figures import statistics
from dashboard.actions.import_roster import import_roster
from dashboard.actions.import_schools import import_schools
from dashboard.domain.directory import check_letter
from dashboard.domain.errors import Refused
from dashboard.domain.scope import Scope
from dashboard.store.engine import Store
from tests.extractions import Parent, Pupil, write_roster
from tests.store.rows import BEZE, SULPICE, VAROIS, Rows

TODAY = date(2026, 9, 28)
HEADER = (
    "identifiant_de_l_etablissement,nom_etablissement,type_etablissement,statut_public_prive,"
    "code_departement,code_academie,libelle_departement,libelle_academie,libelle_region,"
    "ecole_maternelle,ecole_elementaire,nom_circonscription,latitude,longitude"
)
ROW = {
    "identifiant_de_l_etablissement": BEZE,
    "nom_etablissement": "Ecole primaire de Bèze",
    "type_etablissement": "Ecole",
    "statut_public_prive": "Public",
    "code_departement": "021",
    "code_academie": "10",
    "libelle_departement": "Côte-d'Or",
    "libelle_academie": "Dijon",
    "libelle_region": "Bourgogne-Franche-Comté",
    "ecole_maternelle": "1",
    "ecole_elementaire": "1",
    "nom_circonscription": "Dijon Nord",
    "latitude": "47.47",
    "longitude": "5.27",
}
HERE = "SELECT * FROM school WHERE uai = $1"
PLACES = ["district", "department", "academy", "kind", "sector", "latitude", "longitude"]


def directory(folder: Path, *rows: dict[str, str], header: str = HEADER, mark: str = ",") -> Path:
    path = folder / "annuaire.csv"
    names = header.split(",")
    cells = [[(ROW | row)[name] for name in names] for row in rows]
    lines = [mark.join(line) for line in [names, *cells]]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def stored(store: Store, uai: str = BEZE) -> dict[str, object]:
    [school] = store.frame(HERE, [uai]).to_dict("records")
    return {str(name): value for name, value in school.items()}


def test_every_school_gets_its_places_kind_sector_and_position(
    store: Store, tmp_path: Path
) -> None:
    report = import_schools(store, directory(tmp_path, {}))
    assert report.lines() == [
        "écoles : 1 créée, 0 modifiée, 0 inchangée",
        "autres établissements laissés de côté : 0",
    ]
    school = stored(store)
    assert [school[name] for name in PLACES] == [
        *("Dijon Nord", "021", "Dijon", "PRIMARY", "PUBLIC", 47.47, 5.27)
    ]


@pytest.mark.parametrize(
    ("nursery", "elementary", "kind"),
    [("1", "0", "NURSERY"), ("", "1", "ELEMENTARY"), ("1", "1", "PRIMARY"), ("OUI", "", "NURSERY")],
)
def test_the_kind_follows_from_what_a_school_has(
    store: Store, tmp_path: Path, nursery: str, elementary: str, kind: str
) -> None:
    import_schools(
        store,
        directory(tmp_path, {"ecole_maternelle": nursery, "ecole_elementaire": elementary}),
    )
    assert stored(store)["kind"] == kind


def test_other_establishments_are_counted_and_not_checked(store: Store, tmp_path: Path) -> None:
    college = {
        "identifiant_de_l_etablissement": "no number",
        "ecole_maternelle": "",
        "ecole_elementaire": "0",
        "latitude": "far",
    }
    report = import_schools(store, directory(tmp_path, college, {}, college))
    assert (report.created, report.others) == (1, 2)


def test_order_case_marks_and_further_columns_do_not_matter(store: Store, tmp_path: Path) -> None:
    names = HEADER.split(",")
    random.Random(1).shuffle(names)
    path = directory(tmp_path, {}, header=",".join(names), mark=";")
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    head = "\ufeffTéléphone;" + ";".join(name.capitalize() for name in head.split(";"))
    path.write_text("\r\n".join([head, *(f"03;{line}" for line in lines)]), encoding="utf-8")
    import_schools(store, path)
    assert stored(store)["district"] == "Dijon Nord"


def test_only_number_name_and_kind_are_needed(store: Store, tmp_path: Path) -> None:
    header = "identifiant_de_l_etablissement,nom_etablissement,ecole_maternelle,ecole_elementaire"
    import_schools(store, directory(tmp_path, {}, header=header))
    school = stored(store)
    assert [school[name] for name in PLACES[:5]] == ["", "021", "Dijon", "PRIMARY", ""]


def test_corsica_is_written_as_in_numbers_of_schools(store: Store, tmp_path: Path) -> None:
    uai = "6200001" + check_letter("6200001")
    row = {"identifiant_de_l_etablissement": uai, "code_departement": "02A"}
    import_schools(store, directory(tmp_path, row | {"libelle_academie": "corse"}))
    school = stored(store, uai)
    assert (school["department"], school["academy"]) == ("620", "Corse")


def test_every_problem_is_told_at_once_and_nothing_is_written(store: Store, tmp_path: Path) -> None:
    path = directory(
        tmp_path,
        {},
        {"identifiant_de_l_etablissement": "0210351A"},
        {"nom_etablissement": "", "identifiant_de_l_etablissement": SULPICE},
        {},
        {"ecole_maternelle": "peut-être", "identifiant_de_l_etablissement": "0210001M"},
        {"identifiant_de_l_etablissement": VAROIS, "latitude": "190", "longitude": "est"},
        {"identifiant_de_l_etablissement": "0210749A", "statut_public_prive": "mixte"},
    )
    with pytest.raises(Refused) as refused:
        import_schools(store, path)
    places = [reason.split(" : ")[1] for reason in refused.value.reasons]
    assert places == [
        "annuaire.csv, ligne 3, colonne « identifiant_de_l_etablissement »",
        "annuaire.csv, ligne 4, colonne « nom_etablissement »",
        "annuaire.csv, ligne 5, colonne « identifiant_de_l_etablissement »",
        "annuaire.csv, ligne 6, colonne « ecole_maternelle »",
        "annuaire.csv, ligne 7, colonne « latitude »",
        "annuaire.csv, ligne 7, colonne « longitude »",
        "annuaire.csv, ligne 8, colonne « statut_public_prive »",
    ]
    assert store.rows("SELECT uai FROM school") == []


def test_a_file_of_something_else_is_refused(store: Store, tmp_path: Path) -> None:
    path = tmp_path / "communes.csv"
    path.write_text("code;nom\n21;Dijon\n", encoding="utf-8")
    with pytest.raises(Refused, match="colonnes manquantes : identifiant_de_l_etablissement"):
        import_schools(store, path)
    college = {"ecole_maternelle": "", "ecole_elementaire": ""}
    with pytest.raises(Refused, match="aucune école primaire"):
        import_schools(store, directory(tmp_path, college))


def test_importing_again_changes_nothing(store: Store, tmp_path: Path) -> None:
    path = directory(tmp_path, {}, {"identifiant_de_l_etablissement": VAROIS, "latitude": ""})
    import_schools(store, path)
    before = store.rows("SELECT * FROM school ORDER BY uai")
    report = import_schools(store, path)
    assert (report.created, report.changed, report.unchanged) == (0, 0, 2)
    assert store.rows("SELECT * FROM school ORDER BY uai") == before


def test_a_known_school_keeps_its_name_and_accounts(store: Store, tmp_path: Path) -> None:
    rows = Rows(store)
    rows.school(BEZE, "Dijon Est", "021", "Dijon")
    rows.account(rows.student(uai=BEZE))
    report = import_schools(store, directory(tmp_path, {}))
    assert (report.created, report.changed) == (0, 1)
    assert (stored(store)["name"], stored(store)["district"]) == (f"École {BEZE}", "Dijon Nord")
    assert statistics(store, Scope.district("Dijon Nord"), "structure")["accounts"].item() == 1


def test_a_later_roster_keeps_the_places_of_the_directory(store: Store, tmp_path: Path) -> None:
    import_schools(store, directory(tmp_path, {"code_departement": "058"}))
    before = stored(store)
    students, guardians = write_roster(tmp_path / "roster", [Pupil()], [Parent()])
    import_roster(store, BEZE, students, guardians, TODAY, name="Bèze", district="Elsewhere")
    after = stored(store)
    assert after == before | {"name": "Bèze", "version": 2}


def test_a_school_named_by_its_number_is_given_its_name(store: Store, tmp_path: Path) -> None:
    students, guardians = write_roster(tmp_path / "roster", [Pupil()], [Parent()])
    import_roster(store, BEZE, students, guardians, TODAY)
    assert stored(store)["name"] == BEZE
    import_schools(store, directory(tmp_path, {}))
    assert stored(store)["name"] == "Ecole primaire de Bèze"


def test_a_school_of_the_directory_alone_is_in_no_statistics(store: Store, tmp_path: Path) -> None:
    import_schools(store, directory(tmp_path, {}))
    assert statistics(store, Scope.nation(), "school").empty
