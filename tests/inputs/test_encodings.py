"""The encoding of an extraction is told by what names can hold, whoever saved it."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboard.domain.problem import Problems
from dashboard.inputs.encodings import Encoding, recognise
from dashboard.inputs.onde import read_guardians, read_students
from tests.extractions import STUDENTS, Parent, Pupil, guardian_rows

TODAY = date(2026, 9, 28)
LETTERS = "éèêëàâäçîïôöùûüÿñÉÈÊÀÂÇÎÔ"
NAMES = [
    ("BŒUF", "Élise"),
    ("LECŒUR", "Gaël"),
    ("L’ŒIL", "Anaïs"),
    ("ŸVAIN", "Zoé"),
    ("DŸ", "François-Noël"),
    ("ŠIMEK", "Žofie"),
    ("MUÑOZ", "Íñigo"),
    ("ÇELİK".replace("İ", "I"), "Aÿna"),
]
CODECS = ("utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "mac_roman", "cp1252")


def rows(name: str, first_name: str) -> str:
    pupil = Pupil(name, first_name, class_label="Élémentaire")
    return "\r\n".join(";".join(cells) for cells in (STUDENTS, pupil.cells(STUDENTS))) + "\r\n"


@pytest.mark.parametrize("codec", [*CODECS, "iso8859_15", "iso8859_1", "cp850"])
@pytest.mark.parametrize(("name", "first_name"), NAMES)
def test_names_are_the_same_in_each_encoding_that_can_write_them(
    tmp_path: Path, codec: str, name: str, first_name: str
) -> None:
    text = rows(name, first_name)
    try:
        content = text.encode(codec)
    except UnicodeEncodeError:
        text = rows(name.translate({0x2019: "'"}), first_name)
        try:
            content = text.encode(codec)
        except UnicodeEncodeError:
            assert codec in ("iso8859_1", "cp850", "mac_roman")
            return
    (tmp_path / "e.csv").write_bytes(content)
    problems = Problems("e.csv")
    [student] = read_students(tmp_path / "e.csv", problems, TODAY)
    assert (student.birth_name.replace("’", "'"), student.first_name) == (
        name.replace("’", "'"),
        first_name,
    )
    assert problems.all() == []


@pytest.mark.parametrize(
    ("codec", "label"),
    [
        ("utf-8", "UTF-8"),
        ("cp1252", "Windows-1252"),
        ("mac_roman", "Mac OS Roman"),
        ("cp850", "DOS (page de codes 850)"),
        ("utf-16-le", "UTF-16"),
    ],
)
def test_the_encoding_is_said(tmp_path: Path, codec: str, label: str) -> None:
    (tmp_path / "e.csv").write_bytes(rows("DÉPRÉ", "Zoé").encode(codec))
    problems = Problems("e.csv")
    read_students(tmp_path / "e.csv", problems, TODAY)
    assert problems.reading.encoding == label
    assert f"e.csv : encodage : {label}" in problems.reading.lines("e.csv")


def test_letters_of_latin_9_are_told_from_the_signs_of_windows(tmp_path: Path) -> None:
    (tmp_path / "e.csv").write_bytes(rows("BŒUF", "Zoé").encode("iso8859_15"))
    encoding = recognise(tmp_path / "e.csv")
    assert encoding is not None
    assert encoding.label == "ISO-8859-15"


@pytest.mark.parametrize("name", ["B¼UF", "DU§ONT", "A\x81B", "\ue000"])
def test_a_sign_that_stands_in_no_name_is_told(tmp_path: Path, name: str) -> None:
    lines = guardian_rows([Parent(), Parent(name)])
    text = "\r\n".join(";".join(cells) for cells in lines) + "\r\n"
    (tmp_path / "r.csv").write_bytes(text.encode())
    problems = Problems("r.csv")
    read_guardians(tmp_path / "r.csv", problems)
    told = [(one.line, one.column) for one in problems.all() if "signe" in one.message]
    assert told == [(3, "Nom responsable")]


@given(st.lists(st.text(st.sampled_from(LETTERS + "abcd"), min_size=1, max_size=6), max_size=6))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("codec", ["cp1252", "mac_roman", "utf-16-le", "utf-8"])
def test_french_words_are_read_as_they_were_written(
    tmp_path: Path, codec: str, words: list[str]
) -> None:
    names = [word.capitalize() for word in words] or ["Zoé"]
    lines = [STUDENTS, *(Pupil(first_name=name).cells(STUDENTS) for name in names)]
    text = "\r\n".join(";".join(cells) for cells in lines) + "\r\n"
    (tmp_path / "e.csv").write_bytes(text.encode(codec))
    students = read_students(tmp_path / "e.csv", Problems("e.csv"), TODAY)
    assert [student.first_name for student in students] == names


def test_foreign_bytes_in_utf8_are_damage_and_no_other_encoding(tmp_path: Path) -> None:
    content = rows("DÉPRÉ", "Zoé").encode().replace(b"D\xc3\x89PR", b"D\xed\xa0\x80PR")
    (tmp_path / "e.csv").write_bytes(content)
    problems = Problems("e.csv")
    read_students(tmp_path / "e.csv", problems, TODAY)
    assert "accents abîmés" in problems.all()[0].message


def test_a_word_of_a_megabyte_takes_no_longer_than_as_much_text(tmp_path: Path) -> None:
    file = tmp_path / "long.csv"
    file.write_bytes(b"Nom;Pr\xe9nom\n" + b"a" * 1_000_000)
    assert recognise(file) == Encoding("cp1252")
