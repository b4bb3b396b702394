"""A roster with an error anywhere is refused whole, and nothing of it is written."""

import os
from pathlib import Path

import pytest

from dashboard.actions.import_roster import import_roster
from dashboard.domain.errors import Refused
from dashboard.store.engine import Store
from tests.actions.stored import SULPICE, TODAY, tables
from tests.depth import deep
from tests.extractions import (
    CHILD,
    GUARDIANS,
    PLAIN,
    UNUSED,
    Parent,
    Pupil,
    guardian_rows,
    write_roster,
    write_students,
)


@pytest.fixture
def good(tmp_path: Path) -> tuple[Path, Path]:
    return write_roster(tmp_path / "good", [Pupil()], [Parent()])


@pytest.fixture
def filled(store: Store, good: tuple[Path, Path]) -> Store:
    import_roster(store, SULPICE, *good, TODAY)
    return store


def refusal(store: Store, students: Path, guardians: Path, uai: str = SULPICE) -> str:
    """The reasons of a refusal that left every table as it was."""
    before = tables(store)
    with pytest.raises(Refused) as refused:
        import_roster(store, uai, students, guardians, TODAY)
    assert tables(store) == before
    return "\n".join(refused.value.reasons)


def test_the_problems_of_both_files_and_of_the_uai_are_told_together(
    filled: Store, tmp_path: Path
) -> None:
    students, guardians = write_roster(
        tmp_path / "bad",
        [Pupil(level="6EME"), Pupil(first_name="Zoé", born_on="30/02/2018")],
        [Parent(name=""), Parent(first_name="Inès", email="x")],
    )
    reasons = refusal(filled, students, guardians, "0580189A").splitlines()
    assert [reason.split(" : ")[:2] for reason in reasons] == [
        ["erreur", "UAI « 0580189A »"],
        ["erreur", "eleves.csv, ligne 2, colonne « Niveau »"],
        ["erreur", "eleves.csv, ligne 3, colonne « Date naissance »"],
        ["erreur", "responsables.csv, ligne 2, colonne « Nom responsable »"],
        ["avertissement", "responsables.csv, ligne 3, colonne « Courriel »"],
    ]


@pytest.mark.parametrize("uai", ["", "0580189", "0580189A", "58"])
def test_a_wrong_uai_alone_is_refused(filled: Store, good: tuple[Path, Path], uai: str) -> None:
    assert f"erreur : UAI « {uai} »" in refusal(filled, *good, uai)


def test_swapped_files_are_refused_both(filled: Store, good: tuple[Path, Path]) -> None:
    students, guardians = good
    reasons = refusal(filled, guardians, students)
    assert reasons.count("Les deux fichiers sont-ils inversés ?") == 2


def test_the_same_ine_on_two_students_is_an_error(filled: Store, tmp_path: Path) -> None:
    ine = "123456789AB"
    pupils = [Pupil(ine=ine), Pupil(), Pupil(first_name="Zoé", ine=ine.lower())]
    reasons = refusal(filled, *write_roster(tmp_path / "bad", pupils, [Parent()]))
    assert (
        "erreur : eleves.csv, ligne 4, colonne « INE » : INE 123456789AB déjà porté par DUPONT "
        "Léa à la ligne 2. Attendu : un INE différent pour chaque élève." in reasons
    )


@pytest.mark.parametrize("good_file", ["students", "guardians"])
def test_one_unreadable_file_keeps_the_other_from_being_imported(
    store: Store, good: tuple[Path, Path], tmp_path: Path, good_file: str
) -> None:
    missing = tmp_path / "absent.csv"
    files = (good[0], missing) if good_file == "students" else (missing, good[1])
    assert "erreur : absent.csv : fichier introuvable." in refusal(store, *files)


def test_unreadable_files_are_told_both(store: Store, tmp_path: Path) -> None:
    (tmp_path / "eleves.xlsx").write_bytes(b"PK\x03\x04")
    reasons = refusal(store, tmp_path / "eleves.xlsx", tmp_path)
    assert "eleves.xlsx : ce fichier est un classeur" in reasons
    assert f"{tmp_path.name} : c'est un dossier" in reasons


def test_a_pipe_is_refused_rather_than_waited_for(store: Store, good: tuple[Path, Path]) -> None:
    pipe = good[0].parent / "pipe"
    os.mkfifo(pipe)
    assert "pipe : ce n'est pas un fichier" in refusal(store, pipe, good[1])


def test_an_error_on_a_late_line_is_told_after_thousands_of_warnings(
    store: Store, tmp_path: Path
) -> None:
    pupils = [Pupil(first_name=f"Léa {n}", class_label="") for n in range(2000)]
    students, guardians = write_roster(tmp_path / "bad", [*pupils, Pupil(level="CE3")], [Parent()])
    assert "ligne 2002, colonne « Niveau »" in refusal(store, students, guardians)


def test_no_unused_column_reaches_the_store(filled: Store) -> None:
    texts = [str(row) for rows in tables(filled).values() for row in rows]
    assert any("DUPONT" in text for text in texts)
    assert not any(UNUSED in text for text in texts)


def test_thousands_of_homonyms_take_seconds(store: Store, tmp_path: Path) -> None:
    count = deep(5_000)
    students = write_students(
        tmp_path / "e.csv", (Pupil(ine=f"{number:010}A") for number in range(count))
    )
    header = PLAIN.encode(guardian_rows([]))
    row = PLAIN.encode([Parent(email="@@@@@@@@@@").cells(GUARDIANS, CHILD)])
    guardians = tmp_path / "r.csv"
    guardians.write_bytes(
        header + b"".join(row.replace(b"@@@@@@@@@@", b"a%d@x.example" % n) for n in range(count))
    )
    report = import_roster(store, SULPICE, students, guardians, TODAY)
    assert report.tallies["students"].created == count
    assert report.tallies["guardians"].created == count
    assert report.rows["links"].created == 0
    assert report.rows["links"].to_clarify == count
    assert "(lignes 2, 3, 4, 5, 6 du fichier" in str(report.warnings[0])
