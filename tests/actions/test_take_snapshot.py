"""A snapshot names nobody, singles nobody out, and answers as the database does."""

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dashboard.actions.figures import statistics, tallies, timeline
from dashboard.actions.generate import generate
from dashboard.actions.load_demo import load_demo
from dashboard.actions.take_snapshot import take_snapshot
from dashboard.credentials.links import Signer
from dashboard.domain.document import shield, unshield
from dashboard.domain.errors import Refused
from dashboard.domain.french import number
from dashboard.domain.scope import Scope
from dashboard.domain.snapshot import DATES, SnapshotFormat, pseudonym
from dashboard.outputs import table_files
from dashboard.pipelines.snapshots import generalised
from dashboard.store.counts import rounding_secret
from dashboard.store.engine import MEMORY, Store, connect
from dashboard.store.opening import connect as open_any
from dashboard.wording.snapshot import README, TABLES
from tests.command import Run
from tests.store.rows import SULPICE, VAROIS, Rows

TODAY = date(2026, 11, 24)
SIGNER = Signer(b"k" * 32)
NATION = Scope.nation()
PEOPLE = ["birth_name", "usage_name", "first_name", "name_key"]


@pytest.fixture(scope="module")
def store() -> Iterator[Store]:
    with connect(MEMORY) as store:
        load_demo(store, TODAY)
        generate(store, 60, 3, TODAY, "Dijon")
        yield store


@pytest.fixture(scope="module")
def folder(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("snapshots") / "extrait d'école"
    take_snapshot(store, SIGNER, out, TODAY)
    return out


def read(folder: Path) -> dict[str, pd.DataFrame]:
    with duckdb.connect() as connection:
        return {
            name: connection.execute(
                "SELECT * FROM read_parquet($1)", [str(folder / f"{name}.parquet")]
            ).df()
            for name in TABLES
        }


def test_it_holds_the_documented_tables_and_no_other_file(folder: Path) -> None:
    names = {README, *(f"{name}.parquet" for name in TABLES)}
    assert {path.name for path in folder.iterdir()} == names
    for name, frame in read(folder).items():
        assert list(frame.columns) == list(TABLES[name])
    text = (folder / README).read_text(encoding="utf-8")
    assert all(f"| `{column}` |" in text for columns in TABLES.values() for column in columns)


def test_no_name_identifier_contact_or_birth_date_is_in_it(store: Store, folder: Path) -> None:
    secrets = set()
    for table in ("account", "student"):
        for name in PEOPLE:
            secrets |= set(store.frame(f"SELECT DISTINCT {name} FROM {table}")[name])
    facts = store.frame("SELECT identifier, email, mobile FROM account")
    secrets |= {text for column in facts for text in facts[column]}
    secrets |= {str(day)[:10] for (day,) in store.rows("SELECT DISTINCT born_on FROM student")}
    secrets -= {""}
    for name, frame in read(folder).items():
        if name == "schools":
            continue
        for column in frame.columns.difference(["class", "happened_on"]):
            told = set(frame[column].dropna().astype(str))
            assert not told & secrets, (name, column)
    assert b"k" * 32 not in b"".join(path.read_bytes() for path in folder.iterdir())


def test_the_order_of_rows_tells_nothing_of_the_people(folder: Path) -> None:
    tables = read(folder)
    assert tables["accounts"]["account"].is_monotonic_increasing
    first = tables["students"].groupby("uai")["student"]
    assert first.apply(lambda column: column.is_monotonic_increasing).all()


def test_what_is_told_of_a_student_is_shared_by_five(folder: Path) -> None:
    students = read(folder)["students"]
    told = ["uai", "class", "level", "age"]
    for names in (told[:1], told[:2], told[:3], told):
        assert students.groupby(names, dropna=False).size().min() >= 5, names
    assert 0 < students["age"].count() < len(students)


def test_pseudonyms_are_those_of_the_key(store: Store, folder: Path, tmp_path: Path) -> None:
    for signer, same in ((SIGNER, True), (Signer(b"x" * 32), False)):
        take_snapshot(store, signer, tmp_path / str(same), TODAY)
        again = set(read(tmp_path / str(same))["accounts"]["account"])
        assert (again == set(read(folder)["accounts"]["account"])) is same


def test_what_is_published_from_it_is_rounded_by_a_secret_that_the_program_does_not_know(
    store: Store, folder: Path, tmp_path: Path
) -> None:
    take_snapshot(store, SIGNER, tmp_path / "again", TODAY)
    take_snapshot(store, Signer(b"x" * 32), tmp_path / "elsewhere", TODAY)
    secrets = []
    for out in (folder, tmp_path / "again", tmp_path / "elsewhere"):
        with open_any(out) as opened:
            secrets.append(rounding_secret(opened))
    assert secrets[0] == secrets[1]
    assert len({*secrets, rounding_secret(store)}) == 3


@pytest.mark.parametrize("by", ["structure", "school", "district", "department", "academy"])
def test_statistics_are_those_of_the_database(store: Store, folder: Path, by: str) -> None:
    with open_any(folder) as opened:
        pd.testing.assert_frame_equal(statistics(opened, NATION, by), statistics(store, NATION, by))
        assert not statistics(opened, NATION, ("class", "level")).empty


def test_timelines_are_those_of_the_database(store: Store, folder: Path) -> None:
    span = date(2026, 10, 1), TODAY
    with open_any(folder) as opened:
        pd.testing.assert_frame_equal(
            timeline(opened, NATION, *span, "school"), timeline(store, NATION, *span, "school")
        )


def test_kept_weeks_are_those_that_are_published_of_departments(store: Store, folder: Path) -> None:
    span, by = (date(2025, 9, 1), TODAY), ("academy", "department")
    published = tallies(store, NATION, *span, by, smallest_count=5).dropna(subset="accounts")
    with open_any(folder) as opened:
        told = tallies(opened, NATION, *span, by)
        pd.testing.assert_frame_equal(
            told.drop(columns=["accounts", "activated_pct"]),
            published.drop(columns=["accounts", "activated_pct"]).reset_index(drop=True),
            check_dtype=False,
        )
        assert not told.empty
        weeks = tallies(opened, Scope.department("021"), *span, "department")
        assert set(weeks["department"]) <= {"021"}
        for scope, of in ((NATION, "school"), (NATION, "structure"), (Scope.schools(SULPICE), by)):
            with pytest.raises(Refused, match="Un extrait garde"):
                tallies(opened, scope, *span, of)


def test_kept_weeks_of_fewer_schools_are_not_in_it(tmp_path: Path) -> None:
    with connect(MEMORY) as few:
        generate(few, 6, 1, TODAY, "Dijon")
        take_snapshot(few, SIGNER, tmp_path / "out", TODAY)
    assert read(tmp_path / "out")["tallies"].empty


def test_the_document_says_of_how_many_what_was_left_out(
    store: Store, tmp_path: Path, folder: Path
) -> None:
    report = take_snapshot(store, SIGNER, tmp_path / "out", TODAY)
    text = (tmp_path / "out" / README).read_text(encoding="utf-8")
    known = store.frame("SELECT count(*) AS students FROM student WHERE left_on IS NULL")
    students = read(folder)["students"]
    for name, nothing in (("class", students["class"] == ""), ("age", students["age"].isna())):
        assert report.blanked[name] == nothing.sum()
        assert f"| `{name}` | {number(report.blanked[name])} |" in text
    assert f"sur {number(int(known['students'].item()))} élèves" in " ".join(text.split("\n"))


def test_a_level_is_kept_where_the_class_can_be_lost() -> None:
    told = generalised({("A", "CE1"): 20, ("A", "CE2"): 3, ("B", "CE2"): 22}, 5)
    assert told[("A", "CE2")] == [(("", "CE2"), 3)]
    assert sorted(told[("B", "CE2")]) == [(("", "CE2"), 2), (("B", "CE2"), 20)]
    assert told[("A", "CE1")] == [(("A", "CE1"), 20)]


@given(
    st.dictionaries(
        st.tuples(st.sampled_from("ABC"), st.sampled_from(["", "CP", "CE1", "CE2"])),
        st.integers(1, 30),
        min_size=1,
    ),
    st.integers(1, 8),
)
def test_students_are_alike_by_class_and_level_whatever_there_are(
    cells: dict[tuple[str, str], int], smallest: int
) -> None:
    assume(sum(cells.values()) >= smallest)
    told = generalised(cells, smallest)
    shown: Counter[tuple[str, str]] = Counter()
    for cell, parts in told.items():
        assert sum(count for _, count in parts) == cells[cell]
        for (class_, level), count in parts:
            assert class_ in ("", cell[0])
            assert level in ("", cell[1])
            shown[class_, level] += count
    assert min(shown.values()) >= smallest
    if min(cells.values()) >= smallest:
        assert told == {cell: [(cell, size)] for cell, size in cells.items()}


def in_format(folder: Path, form: SnapshotFormat, table: str) -> pd.DataFrame:
    """A table as somebody reads it who knows what the document says."""
    match form:
        case SnapshotFormat.PARQUET:
            return read(folder)[table]
        case SnapshotFormat.XLSX:
            return pd.read_excel(
                folder / "comptes.xlsx", table, keep_default_na=False, na_values={"age": [""]}
            )
        case SnapshotFormat.CSV:
            return pd.read_csv(
                folder / f"{table}.csv", sep=";", decimal=",", dtype_backend="numpy_nullable"
            )


def as_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Cells as they would be written: dates as dates, nothing as nothing, numbers as numbers."""

    def text(value: object) -> str:
        if value is None or value is pd.NA or value is pd.NaT or value != value:
            return ""
        if isinstance(value, str):
            try:
                return f"{float(unshield(value)):g}"
            except ValueError:
                return unshield(value)
        if isinstance(value, datetime):
            assert value.time() == time.min
            return f"{value:%Y-%m-%d}"
        assert isinstance(value, int | float | np.number | np.bool_)
        return f"{float(value):g}"

    return frame.astype(object).map(text)


PSEUDONYMS = ("account", "student")


def test_every_format_reads_back_the_same_and_joins_the_others(
    store: Store, tmp_path: Path
) -> None:
    for form in SnapshotFormat:
        take_snapshot(store, SIGNER, tmp_path / form, TODAY, form)
    parquet = read(tmp_path / "parquet")
    for form in (SnapshotFormat.CSV, SnapshotFormat.XLSX):
        for table in TABLES:
            other = in_format(tmp_path / form, form, table)
            pd.testing.assert_frame_equal(as_texts(other), as_texts(parquet[table]))
            for name in set(PSEUDONYMS) & set(other):
                assert list(other[name]) == list(parquet[table][name])


@given(st.binary(min_size=12, max_size=18))
def test_no_pseudonym_is_changed_for_a_spreadsheet(digest: bytes) -> None:
    text = pseudonym(digest)
    assert shield(text) == unshield(text) == text
    assert text.isalpha()
    assert len(text) == 24


def test_dates_are_dates(folder: Path, store: Store, tmp_path: Path) -> None:
    with duckdb.connect() as connection:
        for name, columns in TABLES.items():
            described = connection.execute(
                "DESCRIBE SELECT * FROM read_parquet($1)", [str(folder / f"{name}.parquet")]
            ).fetchall()
            types = {column: kind for column, kind, *_ in described}
            assert {types[column] for column in columns if column in DATES} <= {"DATE"}
    take_snapshot(store, SIGNER, tmp_path / "csv", TODAY, SnapshotFormat.CSV)
    lines = (tmp_path / "csv" / "journal.csv").read_text("utf-8-sig").splitlines()[1:]
    assert all(re.fullmatch(r"20\d\d-\d\d-\d\d", line.split(";")[1]) for line in lines)


def test_an_opened_snapshot_reaches_no_other_file_and_is_not_written(
    folder: Path, tmp_path: Path
) -> None:
    (tmp_path / "other.csv").write_text("a\n1\n")
    with open_any(folder) as opened:
        with pytest.raises(duckdb.PermissionException):
            opened.rows(f"SELECT * FROM read_csv('{tmp_path / 'other.csv'}')")
        with pytest.raises(duckdb.Error), opened.transaction() as transaction:
            transaction.write("DELETE FROM school")


def test_a_small_school_is_left_out(tmp_path: Path) -> None:
    with connect(MEMORY) as store:
        rows = Rows(store)
        for uai, count in ((SULPICE, 4), (VAROIS, 5)):
            rows.school(uai)
            for _ in range(count):
                rows.account(rows.student(uai=uai))
        report = take_snapshot(store, SIGNER, tmp_path / "out", TODAY)
    assert report.left_out == 1
    people = {"students": 5, "accounts": 5, "links": 5, "journal": 0}
    assert report.rows == {"schools": 2, **people, "tallies": 0, "publication": 1}


def test_what_is_there_already_stays_as_it_is(store: Store, folder: Path) -> None:
    with pytest.raises(Refused, match="existe déjà"):
        take_snapshot(store, SIGNER, folder, TODAY)


def test_a_failure_leaves_nothing(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(table_files, "_MOST_ROWS", 10)
    with pytest.raises(Refused, match="--format parquet"):
        take_snapshot(store, SIGNER, tmp_path / "out", TODAY, SnapshotFormat.XLSX)
    assert list(tmp_path.iterdir()) == []


def test_spreadsheets_run_no_cell_as_a_formula(tmp_path: Path) -> None:
    with connect(MEMORY) as store:
        rows = Rows(store)
        rows.school()
        for _ in range(5):
            rows.account(rows.student("=1+1"))
        for form in (SnapshotFormat.CSV, SnapshotFormat.XLSX):
            take_snapshot(store, SIGNER, tmp_path / form.value, TODAY, form)
    text = (tmp_path / "csv" / "students.csv").read_text(encoding="utf-8-sig")
    assert "'=1+1" in text
    assert (tmp_path / "xlsx" / "comptes.xlsx").read_bytes().startswith(b"PK")


@pytest.mark.parametrize("form", SnapshotFormat)
def test_the_command_writes_one(run: Run, tmp_path: Path, form: SnapshotFormat) -> None:
    run("generate", "--schools", 2, "--academy", "Dijon")
    ran = run("snapshot", tmp_path / "out", "--format", form)
    assert (ran.code, ran.err) == (0, "")
    assert "écoles trop petites laissées de côté : 0" in ran.text
    assert (tmp_path / "out" / README).exists()
    asked = ("statistics", "--nation", "--by", "school", "--format", "json")
    if form is SnapshotFormat.PARQUET:
        shown = run(*asked, "--database", tmp_path / "out").records()
        assert shown == run(*asked).records()
    else:
        ran = run(*asked, "--database", tmp_path / "out")
        assert (ran.code, "n'est pas un extrait" in ran.err) == (1, True)
