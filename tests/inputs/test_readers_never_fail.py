"""Whatever the bytes, a reader notes problems; whatever ONDE writes, it reads back the same."""

import tempfile
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dashboard.domain.names import clean
from dashboard.domain.people import Child, Guardian
from dashboard.domain.problem import Problems
from dashboard.domain.roster import make_roster
from dashboard.inputs.account_lists import read_account_list
from dashboard.inputs.onde import read_guardians, read_students
from tests.depth import deep
from tests.extractions import (
    CHILD,
    DIALECTS,
    GUARDIANS,
    NEWEST_GUARDIANS,
    OLDER_GUARDIANS,
    PLAIN,
    STUDENTS,
    Dialect,
    Kid,
    Parent,
    Pupil,
    guardian_rows,
    write_guardians,
)

TODAY = date(2026, 9, 28)
DEMO = Path(__file__).parents[2] / "data" / "demo"
Reader = Callable[[Path, Problems], Sequence[object]]
READERS: dict[str, Reader] = {
    "students": lambda path, problems: read_students(path, problems, TODAY),
    "guardians": read_guardians,
    "accounts": lambda path, problems: read_account_list(path, problems, TODAY),
}
SAMPLES = {
    name: b"".join((DEMO / f"0210351T_{name}.csv").read_bytes().splitlines(keepends=True)[:6])
    for name in READERS
}
SPECIAL = [b'"', b";", b"\r", b"\n", b"\0", b"\xef\xbb\xbf", b"\xff\xfe", b"\xc3", b"\t", b","]


def _read(reader: str, content: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file.csv"
        path.write_bytes(content)
        problems = Problems(path.name)
        READERS[reader](path, problems)
        assert all(str(problem) for problem in problems.all())


@pytest.mark.parametrize("reader", READERS)
@given(st.binary(max_size=300))
@example(b"\xff\xfe")
@example(b"\xff\xfe\x00\xd8;")
@example(b"\xff\xfe\x00\x00;\x00\x00\x00")
@example(b"\xfe\xff\xdc\x00\x00;")
@example(b'"')
@example(b"\r\r\r")
def test_any_bytes_are_read_or_refused(reader: str, content: bytes) -> None:
    _read(reader, content)


@pytest.mark.parametrize("reader", READERS)
@given(st.lists(st.tuples(st.floats(0, 1), st.sampled_from(SPECIAL) | st.binary()), max_size=5))
@settings(max_examples=deep(25))
def test_a_spoilt_file_is_read_or_refused(
    reader: str, insertions: list[tuple[float, bytes]]
) -> None:
    content = SAMPLES[reader]
    for place, inserted in insertions:
        at = int(place * len(content))
        content = content[:at] + inserted + content[at:]
    _read(reader, content)


@pytest.mark.parametrize("reader", READERS)
@given(st.floats(0, 1), st.floats(0, 1))
@settings(max_examples=deep(25))
def test_any_part_of_a_file_is_read_or_refused(reader: str, start: float, end: float) -> None:
    content = SAMPLES[reader]
    _read(reader, content[int(start * len(content)) : int(end * len(content))])


@pytest.mark.parametrize("reader", READERS)
@given(cells=st.lists(st.lists(st.text(max_size=12), max_size=30), max_size=4))
@settings(max_examples=deep(25))
def test_any_cells_under_a_true_header_are_read_or_refused(
    reader: str, cells: list[list[str]]
) -> None:
    header = SAMPLES[reader].splitlines(keepends=True)[0]
    text = header.decode("utf-8-sig" if reader == "accounts" else "latin-1")
    columns = [heading.strip('"\r\n') for heading in text.split(";")]
    _read(reader, Dialect("utf-16").encode([columns, *cells]))


@given(
    st.lists(st.builds(Pupil, *(st.text(max_size=8) for _ in range(7))), max_size=6),
    st.lists(st.lists(st.builds(Kid, *(st.text(max_size=3) for _ in range(5)))), max_size=6),
)
@settings(max_examples=deep(25))
def test_any_two_files_make_a_roster_or_problems(
    pupils: list[Pupil], families: list[list[Kid]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        dialect = Dialect("utf-16")
        students = [STUDENTS, *(pupil.cells(STUDENTS) for pupil in pupils)]
        guardians = guardian_rows([Parent(kids=kids) for kids in families])
        for name, rows in (("e", students), ("r", guardians)):
            (Path(folder) / name).write_bytes(dialect.encode(rows))
        problems = Problems("e"), Problems("r")
        roster = make_roster(
            read_students(Path(folder) / "e", problems[0], TODAY),
            read_guardians(Path(folder) / "r", problems[1]),
            *problems,
        )
        assert all(student < len(roster.students) for _, student in roster.links)
        assert all(guardian < len(roster.guardians) for guardian, _ in roster.links)


# Letters of Windows-1252 and ISO-8859-1, and marks that CSV must quote.
LETTERS = "abcdeéèêëçàôïœÉÇÀŒ’'- \";,/()0123456789ABCDE"


def cell(latin_1: bool) -> st.SearchStrategy[str]:
    letters = [letter for letter in LETTERS if not latin_1 or letter.isascii() or letter < "\xff"]
    text = st.text(st.sampled_from(letters), min_size=1, max_size=12)
    return text.map(clean).filter(lambda name: any(letter.isalnum() for letter in name))


@st.composite
def parents(draw: st.DrawFn, latin_1: bool) -> Parent:
    name, maybe = cell(latin_1), cell(latin_1) | st.just("")
    kids = draw(st.lists(st.builds(Kid, name, name, name, maybe), max_size=5))
    return Parent(
        draw(name),
        draw(name),
        kids,
        draw(st.sampled_from(["M.", "M", "Mme", "MME", "MLLE", ""])),
        draw(maybe),
        draw(st.sampled_from(["", "paul.dupont@famille.example"])),
        draw(st.sampled_from(["", "0639981234", "+33639981234", "06 39 98 12 34"])),
    )


def _expected(parent: Parent) -> Guardian:
    children = tuple(
        Child(kid.name, kid.usage_name, kid.first_name, kid.class_label) for kid in parent.kids
    )
    return Guardian(
        "M." if parent.civility in ("M.", "M") else "Mme" if parent.civility else "",
        parent.name,
        parent.usage_name,
        parent.first_name,
        parent.email,
        "0639981234" if parent.mobile else "",
        children,
    )


@given(st.data())
@settings(max_examples=deep(60))
def test_any_guardians_that_onde_can_write_are_read_as_they_are(data: st.DataObject) -> None:
    dialect = data.draw(st.sampled_from(list(DIALECTS.values())))
    header = data.draw(st.sampled_from([GUARDIANS, OLDER_GUARDIANS, NEWEST_GUARDIANS]))
    groups, empty = data.draw(st.integers(1, 3)), data.draw(st.integers(0, 3))
    people = data.draw(
        st.lists(parents(dialect.encoding == "latin-1"), min_size=1, max_size=5), label="people"
    )
    rows = guardian_rows(people, header, CHILD, groups)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "responsables.csv"
        path.write_bytes(dialect.encode([[*row, *empty * [""]] for row in rows]))
        problems = Problems(path.name)
        assert read_guardians(path, problems) == [_expected(parent) for parent in people]
        assert problems.all() == []


def test_no_byte_of_iso_8859_1_is_lost(tmp_path: Path) -> None:
    letters = bytes(range(0xC0, 0x100)).decode("latin-1").replace("×", "").replace("÷", "")
    path = write_guardians(tmp_path / "r.csv", [Parent(letters)], dialect=Dialect("latin-1"))
    [guardian] = read_guardians(path, Problems("r.csv"))
    assert guardian.birth_name == letters


def test_bytes_that_windows_1252_leaves_undefined_are_no_error(tmp_path: Path) -> None:
    content = PLAIN.encode(guardian_rows([Parent("DU@PONT")])).replace(b"@", b"\x81")
    (tmp_path / "r.csv").write_bytes(content)
    [guardian] = read_guardians(tmp_path / "r.csv", Problems("r.csv"))
    assert guardian.birth_name == "DUPONT"
