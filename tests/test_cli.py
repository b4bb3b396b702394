"""The command: 0 done, 1 refused with the reasons on stderr, 2 wrong usage; never a traceback."""

import csv
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pypdf import PdfReader

from dashboard.domain.account import Origin, State
from dashboard.domain.filters import SortColumn
from dashboard.store.engine import connect
from dashboard.wording.account_columns import LISTING
from tests.command import Run
from tests.extractions import PLAIN, STUDENTS, Parent, Pupil, guardian_rows, write_roster

SULPICE, BEZE = "0580189R", "0210351T"
COUNTS = ["accounts", "not_notified", "notified", "activating", "activated"]
FIGURES = [*COUNTS, "activated_pct", "students", "students_covered", "students_covered_pct"]


@pytest.fixture
def files(tmp_path: Path) -> tuple[object, ...]:
    students, guardians = write_roster(tmp_path / "roster", [Pupil()], [Parent()])
    return "--students", students, "--guardians", guardians


def process(*arguments: object, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "dashboard", *map(str, arguments)],
        capture_output=True,
        encoding="utf-8",
        env=os.environ | environment,
        check=False,
    )


class TestImport:
    def test_it_tells_what_was_done(self, run: Run, files: tuple[object, ...]) -> None:
        ran = run("import", "--school", SULPICE, "--name", "École A", *files)
        assert (ran.code, ran.err) == (0, "")
        assert ran.text.splitlines()[2] == (
            "responsables : 1 lu = 1 créé + 0 modifié + 0 inchangé + 0 réuni + 0 à préciser "
            "+ 0 écarté ; 0 parti"
        )
        [account] = run("accounts", "--school", SULPICE, "--format", "json").records()
        assert (account["guardian"], account["students"]) == ("DUPONT Paul", ["DUPONT Léa"])

    def test_a_dry_run_writes_nothing(self, run: Run, files: tuple[object, ...]) -> None:
        ran = run("import", "--school", SULPICE, *files, "--dry-run")
        assert ran.text.splitlines()[-1] == "Essai : rien n'a été écrit."
        assert run("accounts", "--school", SULPICE).code == 1

    def test_warnings_go_to_stderr(self, run: Run, tmp_path: Path) -> None:
        students, guardians = write_roster(tmp_path / "a", [Pupil(level="")], [Parent()])
        ran = run("import", "--school", SULPICE, "--students", students, "--guardians", guardians)
        assert ran.code == 0
        assert ran.err.startswith("avertissement : eleves.csv, ligne 2, colonne « Niveau » : ")

    def test_every_reason_of_a_refusal_goes_to_stderr(self, run: Run, tmp_path: Path) -> None:
        students, guardians = write_roster(
            tmp_path / "a", [Pupil(level="X"), Pupil(born_on="?")], [Parent(name="")]
        )
        arguments = ("--students", students, "--guardians", guardians)
        ran = run("import", "--school", "0580189A", *arguments)
        assert (ran.code, ran.out) == (1, b"")
        assert [line.split(" : ")[1] for line in ran.err.splitlines()] == [
            "UAI « 0580189A »",
            "eleves.csv, ligne 2, colonne « Niveau »",
            "eleves.csv, ligne 3, colonne « Date naissance »",
            "responsables.csv, ligne 2, colonne « Nom responsable »",
        ]

    @pytest.mark.parametrize(
        "arguments",
        [
            ["import", "--school", SULPICE],
            ["import", "--students", "e.csv", "--guardians", "r.csv"],
            ["import", "--school", SULPICE, "--students", "e.csv", "--guardians"],
            ["import", "--unknown"],
            ["import-accounts"],
            ["nothing"],
            ["statistics"],
            ["statistics", "--nation", "--school", SULPICE],
            ["statistics", "--nation", "--by", "child"],
            ["statistics", "--nation", "--format", "pdf"],
            ["brief"],
            ["brief", "--district", "Dijon Est", "--academy", "Dijon"],
            ["brief", "--school", SULPICE],
            ["brief", "--nation"],
            ["brief", "--academy", "Dijon", "--smallest-count", "-1"],
            ["brief", "--academy", "Dijon", "--smallest-count", f"{10**20}"],
            ["accounts"],
            ["accounts", "--school", SULPICE, "--state", "activé"],
            ["accounts", "--school", SULPICE, "--email", "perhaps"],
            ["accounts", "--school", SULPICE, "--sort", "name"],
            ["accounts", "--school", SULPICE, "--limit", "-1"],
            ["accounts", "--school", SULPICE, "--offset", "9223372036854775808"],
            ["accounts", "--school", SULPICE, "--limit", "many"],
        ],
        ids=" ".join,
    )
    def test_wrong_usage_is_told_from_a_refusal(self, run: Run, arguments: list[str]) -> None:
        assert run(*arguments).code == 2

    @pytest.mark.parametrize(
        ("megabytes", "start", "filling"),
        [
            (50, b"", b"x"),
            (50, b"", b"garbage;\x81\xfe\xff;;\n"),
            (50, PLAIN.encode([STUDENTS]), b"garbage;\x81\xfe\xff;;\n"),
            (15, PLAIN.encode([STUDENTS]), b"garbage;\x81\xfe\xff;;\n"),
            (15, PLAIN.encode([STUDENTS]), 22 * b"g;" + b"\n"),
            (15, PLAIN.encode(guardian_rows([])), b"g;g;g;g\n"),
            (4, PLAIN.encode(guardian_rows([])), 249 * b"g;" + b"\n"),
        ],
        ids=[
            *("one line", "lines", "lines under a header", "short rows", "rows", "guardians"),
            "thousands of children",
        ],
    )
    def test_megabytes_of_garbage_are_refused_in_seconds_and_little_memory(
        self, tmp_path: Path, megabytes: int, start: bytes, filling: bytes
    ) -> None:
        garbage = tmp_path / "garbage.csv"
        garbage.write_bytes(start + filling * ((megabytes << 20) // len(filling)))
        script = (
            "import resource, sys\n"
            "import dashboard.actions.import_roster\n"
            "from dashboard.cli import main\n"
            "before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss\n"
            "try: main()\n"
            "finally: print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)\n"
        )
        arguments = ("import", "--school", SULPICE, "--students", garbage, "--guardians", garbage)
        ran = subprocess.run(
            [sys.executable, "-c", script, *map(str, arguments), "--database", ":memory:"],
            capture_output=True,
            text=True,
            check=False,
            timeout=30,
        )
        assert ran.returncode == 1
        assert "Traceback" not in ran.stderr
        assert "erreur : garbage.csv" in ran.stderr
        assert int(ran.stdout) < 250_000  # KiB


class TestImportAccounts:
    def test_an_export_is_read_back(self, run: Run, demo_file: Path, tmp_path: Path) -> None:
        export = tmp_path / "comptes.csv"
        arguments = ("--school", BEZE, "--format", "csv", "--output", export)
        assert run("accounts", "--database", demo_file, *arguments).code == 0
        ran = run("import-accounts", export)
        assert ran.text == "comptes : 150 créés, 0 repris, 0 inchangé, 0 laissés tels quels\n"
        assert run("accounts", "--school", BEZE, "--format", "csv").out == export.read_bytes()

    def test_a_wrong_list_is_refused(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "comptes.csv").write_text("Nom;Prenom\nA;B\n")
        ran = run("import-accounts", tmp_path / "comptes.csv")
        assert ran.code == 1
        assert ran.err.startswith("erreur : comptes.csv : colonnes manquantes : Identifiant,")


class TestDemo:
    def test_it_is_loaded_once(self, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("dashboard.actions.load_demo.SCHOOLS_AROUND", 3)
        assert run("demo").text == "Écoles de démonstration chargées.\n"
        assert run("demo").text == "La base contient déjà des écoles.\n"

        whole = ("statistics", "--academy", "Dijon", "--by", "school", "--format", "json")
        assert len(run(*whole).records()) == 4 + 3


class TestServe:
    @pytest.mark.parametrize("access", ["--demo", "--local"])
    def test_a_foreign_address_is_refused_before_anything_is_loaded(
        self, run: Run, tmp_path: Path, access: str
    ) -> None:
        ran = run("serve", access, "--address", "0.0.0.0")
        assert (ran.code, "Refus d'écouter" in ran.err) == (1, True)
        assert list(tmp_path.iterdir()) == []


class TestGenerate:
    def test_it_adds_schools_that_others_show(self, run: Run) -> None:
        ran = run("generate", "--schools", 2, "--seed", 7, "--academy", "la reunion")
        assert (ran.code, ran.text) == (0, "2 écoles fictives ajoutées.\n")
        shown = run("statistics", "--academy", "La Réunion", "--by", "school", "--format", "json")
        assert len(shown.records()) == 2

    def test_an_academy_of_no_such_name_is_refused(self, run: Run) -> None:
        ran = run("generate", "--schools", 2, "--academy", "Atlantide")
        assert (ran.code, ran.text) == (1, "")
        assert ran.err == "erreur : aucune académie ne s'appelle « Atlantide ».\n"


class TestBrief:
    @pytest.mark.parametrize(
        ("scope", "pages"),
        [
            (("--district", "Dijon Est"), 1),
            (("--department", "21"), 2),
            (("--academy", "Dijon"), 3),
        ],
    )
    def test_each_district_of_a_place_has_its_page(
        self, run: Run, demo_file: Path, tmp_path: Path, scope: tuple[str, ...], pages: int
    ) -> None:
        output = tmp_path / "fiches.pdf"
        ran = run("brief", "--database", demo_file, *scope, "--output", output)
        assert (ran.code, ran.out, ran.err) == (0, b"", f"Écrit : {output}\n")
        assert len(PdfReader(output).pages) == pages

    def test_small_counts_are_hidden_as_from_inspectors_unless_it_is_said_otherwise(
        self, run: Run, demo_file: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def text(*arguments: object) -> str:
            ran = run("brief", "--database", demo_file, "--district", "Nevers 1", *arguments)
            return PdfReader(io.BytesIO(ran.out)).pages[0].extract_text().replace("\u00a0", " ")

        assert "230" in text("--smallest-count", 0)
        assert "Chiffres exacts" in text("--smallest-count", 0)
        assert "0,84" not in text()
        assert "multiple de 5 " in text()
        monkeypatch.setenv("EDUCONNECT_SMALLEST_COUNT", "11")
        assert "multiple de 11 " in text()

    def test_what_cannot_be_written_or_is_not_known_is_refused(
        self, run: Run, demo_file: Path, tmp_path: Path
    ) -> None:
        for arguments in (
            ("--district", "Nulle Part"),
            ("--academy", "Dijon", "--output", tmp_path),
            ("--academy", "Dijon", "--output", tmp_path / "none" / "fiches.pdf"),
            ("--academy", "Dijon", "--output", demo_file),
        ):
            ran = run("brief", "--database", demo_file, *arguments)
            assert (ran.code, ran.out) == (1, b"")
            assert ran.err.startswith("erreur : ")


class TestStatistics:
    @pytest.mark.parametrize(
        ("by", "keys"),
        [
            ("structure", []),
            ("class", ["school", "class"]),
            ("level", ["level"]),
            ("school", ["school"]),
            ("district", ["district"]),
            ("department", ["department"]),
            ("academy", ["academy"]),
        ],
    )
    def test_json_has_the_keys_then_the_figures(
        self, run: Run, demo_file: Path, by: str, keys: list[str]
    ) -> None:
        arguments = ("--nation", "--by", by, "--format", "json")
        found = run("statistics", "--database", demo_file, *arguments).records()
        assert found
        assert {tuple(record) for record in found} == {(*keys, *FIGURES)}

    @pytest.mark.parametrize(
        ("by", "keys"),
        [
            (("class", "level"), ["school", "class", "level"]),
            (("level", "class"), ["level", "school", "class"]),
            (("school", "class"), ["school", "class"]),
            (("department", "level", "department"), ["department", "level"]),
            (("structure", "level"), ["level"]),
            (("class", "class"), ["school", "class"]),
        ],
    )
    def test_several_groupings_are_crossed(
        self, run: Run, demo_file: Path, by: tuple[str, ...], keys: list[str]
    ) -> None:
        arguments = (*(part for one in by for part in ("--by", one)), "--format", "json")
        found = run("statistics", "--database", demo_file, "--nation", *arguments).records()
        assert {tuple(record) for record in found} == {(*keys, *FIGURES)}
        assert len({tuple(record[key] for key in keys) for record in found}) == len(found)

    @pytest.mark.parametrize(
        ("scope", "heads", "row"),
        [
            (("--school", SULPICE), ["Classe", "Niveau"], ["MSGS", "GS", "11", "10", "0", "0"]),
            (
                ("--nation",),
                ["Établissement", "Classe", "Niveau"],
                [SULPICE, "MSGS", "GS", "11", "10", "0", "0"],
            ),
        ],
    )
    def test_a_crossing_is_headed_by_both_in_csv_and_table(
        self, run: Run, demo_file: Path, scope: tuple[str, ...], heads: list[str], row: list[str]
    ) -> None:
        crossed = ("statistics", "--database", demo_file, *scope, "--by", "class", "--by", "level")
        text = run(*crossed, "--format", "csv").out.decode("utf-8-sig")
        first, *rows = csv.reader(io.StringIO(text), delimiter=";")
        assert first[: len(heads) + 1] == [*heads, "Nombre de comptes responsables"]
        assert row in [one[: len(row)] for one in rows]
        shown = run(*crossed).text
        assert all(head in shown for head in heads)
        assert "9,09\u00a0%" in shown

    def test_the_structure_has_the_guide_s_figures(self, run: Run, demo_file: Path) -> None:
        arguments = ("--school", SULPICE, "--by", "structure", "--format", "json")
        [record] = run("statistics", "--database", demo_file, *arguments).records()
        assert list(record.values()) == [238, 230, 5, 1, 2, 0.84, 157, 2, 1.27]

    @pytest.mark.parametrize(
        ("scope", "schools"),
        [
            (("--district", "Dijon Est"), 2),
            (("--department", "21"), 3),
            (("--department", "021"), 3),
            (("--academy", "Dijon"), 4),
            (("--nation",), 4),
        ],
    )
    def test_a_scope_bounds_the_schools(
        self, run: Run, demo_file: Path, scope: tuple[str, ...], schools: int
    ) -> None:
        arguments = (*scope, "--by", "school", "--format", "json")
        assert len(run("statistics", "--database", demo_file, *arguments).records()) == schools

    @pytest.mark.parametrize(
        "scope", [("--district", "Ailleurs"), ("--district", "\udcff"), ("--school", "0750001D")]
    )
    def test_an_unknown_place_is_refused(
        self, run: Run, demo_file: Path, scope: tuple[str, ...]
    ) -> None:
        ran = run("statistics", "--database", demo_file, *scope)
        assert ran.code == 1
        assert ran.err.startswith("erreur : ")

    def test_csv_and_table_are_headed_as_on_the_screen(self, run: Run, demo_file: Path) -> None:
        arguments = ("statistics", "--database", demo_file, "--school", SULPICE)
        text = run(*arguments, "--format", "csv").out.decode("utf-8-sig")
        rows = list(csv.reader(io.StringIO(text), delimiter=";"))
        assert rows[0][:3] == [
            *("Classe", "Nombre de comptes responsables", "Nombre de comptes non notifiés")
        ]
        assert ["PS", "27", "25", "1", "0", "1", "3,7"] in [row[:7] for row in rows]
        assert "3,7\u00a0%" in run(*arguments).text


class TestAccounts:
    @pytest.fixture
    def listed(self, run: Run, demo_file: Path) -> Callable[..., list[dict[str, object]]]:
        def listed(*arguments: object, school: str = BEZE) -> list[dict[str, object]]:
            options = ("--school", school, "--format", "json", *arguments)
            return run("accounts", "--database", demo_file, *options).records()

        return listed

    def test_json_has_these_columns(self, listed: Callable[..., list[dict[str, object]]]) -> None:
        [record] = listed("--limit", 1)
        assert list(record) == [
            *("account_id", "students", "classes", "guardian", "identifier", "email", "origin"),
            *("state", "distributed_on", "last_access_on"),
        ]

    @pytest.mark.parametrize("state", State)
    def test_states_narrow_the_list(
        self, listed: Callable[..., list[dict[str, object]]], state: State
    ) -> None:
        found = listed("--state", state)
        assert {record["state"] for record in found} == {state.value}

    def test_several_states_and_classes_widen_it(
        self, listed: Callable[..., list[dict[str, object]]]
    ) -> None:
        two = listed("--state", "NOTIFIED", "--state", "ACTIVATING")
        assert len(two) == len(listed("--state", "NOTIFIED")) + len(listed("--state", "ACTIVATING"))
        both = listed("--class", "PS - MS", "--class", "Classe de CE1")
        assert len(both) > len(listed("--class", "PS - MS")) > 0

    @pytest.mark.parametrize("origin", Origin)
    def test_an_origin_narrows_it(
        self, listed: Callable[..., list[dict[str, object]]], origin: Origin
    ) -> None:
        assert {record["origin"] for record in listed("--origin", origin)} == {origin.value}

    def test_an_address_is_known_or_unknown(
        self, listed: Callable[..., list[dict[str, object]]]
    ) -> None:
        known, unknown = listed("--email", "known"), listed("--email", "unknown")
        assert all(record["email"] for record in known)
        assert {record["email"] for record in unknown} == {None}
        assert len(known) + len(unknown) == len(listed())

    def test_search_knows_no_accent(self, listed: Callable[..., list[dict[str, object]]]) -> None:
        assert listed("--search", "acacia gaël") == listed("--search", "ACACIA GAEL")
        assert listed("--search", "acacia gaël")

    def test_expired_notifications_are_older_than_three_months(
        self, listed: Callable[..., list[dict[str, object]]]
    ) -> None:
        expired = listed("--expired")
        assert expired
        assert {record["state"] for record in expired} == {"NOTIFIED"}

    @pytest.mark.parametrize("text", ["'; DROP TABLE account; --", "%", "_", "[/]"])
    def test_hostile_classes_find_nobody(
        self, listed: Callable[..., list[dict[str, object]]], text: str
    ) -> None:
        assert listed("--class", text) == []

    def test_a_hostile_search_finds_nobody(
        self, listed: Callable[..., list[dict[str, object]]]
    ) -> None:
        assert listed("--search", "'; DROP TABLE account; --") == []

    @pytest.mark.parametrize("option", ["--search", "--class"])
    @pytest.mark.parametrize("text", ["", " ", "\t", "\u200b", "\udcff"])
    def test_a_condition_of_nothing_is_refused(
        self, run: Run, demo_file: Path, option: str, text: str
    ) -> None:
        ran = run("accounts", "--database", demo_file, "--school", BEZE, option, text)
        assert (ran.code, ran.out) == (1, b"")
        assert ran.err.startswith(f"erreur : {option} : ")
        assert len(ran.err.splitlines()) == 1

    @pytest.mark.parametrize("text", ["@", "?", "%", "_", "[/]", "« »"])
    def test_a_search_for_signs_alone_is_refused(
        self, run: Run, demo_file: Path, text: str
    ) -> None:
        ran = run("accounts", "--database", demo_file, "--school", BEZE, "--search", text)
        assert (ran.code, ran.out) == (1, b"")
        assert ran.err.startswith(f"erreur : --search : rien à chercher dans « {text} »")

    @pytest.mark.parametrize("column", SortColumn)
    def test_each_column_sorts_both_ways(
        self, listed: Callable[..., list[dict[str, object]]], column: SortColumn
    ) -> None:
        up, down = listed("--sort", column), listed("--sort", f"-{column}")
        assert {record["account_id"] for record in up} == {record["account_id"] for record in down}
        if column is SortColumn.IDENTIFIER:
            assert [r["identifier"] for r in up] == sorted(str(r["identifier"]) for r in up)
            assert up == down[::-1]

    def test_pages_follow_each_other(self, listed: Callable[..., list[dict[str, object]]]) -> None:
        pages = [listed("--limit", 40, "--offset", start) for start in (0, 40, 80, 120)]
        assert [record for page in pages for record in page] == listed()
        assert listed("--limit", 0) == listed("--offset", 1000) == []

    def test_the_table_shows_the_nine_columns(self, run: Run, demo_file: Path) -> None:
        ran = run("accounts", "--database", demo_file, "--school", BEZE, "--search", "acacia naïa")
        words = ran.text.split()
        assert all(word in words for heading in LISTING.values() for word in heading.split())
        assert "4s7t-jb02" in words

    def test_csv_opens_in_a_french_spreadsheet(self, run: Run, demo_file: Path) -> None:
        ran = run("accounts", "--database", demo_file, "--school", BEZE, "--format", "csv")
        assert ran.out.startswith(b"\xef\xbb\xbf")
        rows = list(csv.reader(io.StringIO(ran.out.decode("utf-8-sig")), delimiter=";"))
        assert rows[0][:9] == list(LISTING.values())
        assert len(rows) == 151

    def test_pdf_goes_to_the_output(self, run: Run, demo_file: Path, tmp_path: Path) -> None:
        path = tmp_path / "liste.pdf"
        options = ("--school", BEZE, "--format", "pdf", "--limit", 3)
        ran = run("accounts", "--database", demo_file, *options, "--output", path)
        assert (ran.code, ran.out) == (0, b"")
        assert path.read_bytes().startswith(b"%PDF-")
        assert run("accounts", "--database", demo_file, *options).out.startswith(b"%PDF-")

    @pytest.mark.parametrize("format_", ["csv", "json", "pdf"])
    def test_an_output_that_cannot_be_written_is_refused(
        self, run: Run, demo_file: Path, tmp_path: Path, format_: str
    ) -> None:
        options = ("--school", BEZE, "--format", format_, "--output", tmp_path)
        ran = run("accounts", "--database", demo_file, *options)
        assert ran.code == 1
        assert ran.err.startswith("erreur : ")

    @pytest.mark.parametrize("uai", ["0580189A", "", "0750001D"])
    def test_an_unknown_school_is_refused(self, run: Run, demo_file: Path, uai: str) -> None:
        assert run("accounts", "--database", demo_file, "--school", uai).code == 1


class TestDatabase:
    def test_one_that_another_program_holds_is_refused_in_french(
        self, tmp_path: Path, files: tuple[object, ...]
    ) -> None:
        path = tmp_path / "held.duckdb"
        with connect(path):
            for arguments in (("import", "--school", SULPICE, *files), ("demo",)):
                ran = process(*arguments, "--database", path)
                assert (ran.returncode, ran.stdout) == (1, "")
                assert ran.stderr == (
                    f"La base « {path} » est ouverte par un autre programme (le tableau de bord, "
                    "sans doute). Arrêtez-le, ou indiquez une autre base avec --database.\n"
                )

    def test_one_that_is_no_database_is_refused(self, run: Run, tmp_path: Path) -> None:
        (tmp_path / "notes.txt").write_text("Bonjour. " * 1000)
        ran = run("demo", "--database", tmp_path / "notes.txt")
        assert (ran.code, ran.out) == (1, b"")
        assert "n'est pas une base DuckDB" in ran.err


class TestProcess:
    def test_the_module_is_the_command(self, demo_file: Path) -> None:
        ran = process(
            "statistics", "--school", SULPICE, "--by", "structure", "--database", demo_file
        )
        assert (ran.returncode, ran.stderr) == (0, "")
        assert "0,84\u00a0%" in ran.stdout

    def test_a_terminal_without_accents_shows_something(self, demo_file: Path) -> None:
        ran = process(
            *("accounts", "--school", BEZE, "--limit", 3, "--database", demo_file),
            PYTHONIOENCODING="ascii",
        )
        assert (ran.returncode, ran.stderr) == (0, "")
        assert "ACACIA" in ran.stdout

    @pytest.mark.parametrize(
        "command", ["import", "import-accounts", "statistics", "brief", "accounts"]
    )
    def test_each_command_has_help(self, run: Run, command: str) -> None:
        ran = run(command, "--help")
        assert ran.code == 0
        assert "--database" in ran.text


def test_interrupted_while_the_database_answers_it_ends_without_a_traceback() -> None:
    # The engine looks for signals between two parts of a query, or leaves them until its end:
    # so there are many queries, and the signal comes in one of them.
    program = (
        "import signal, typer\n"
        "from dashboard import cli\n"
        "from dashboard.store.engine import MEMORY, connect\n"
        "signal.signal(signal.SIGALRM, signal.default_int_handler)\n"
        "cli.app = typer.Typer()\n"
        "@cli.app.command()\n"
        "def ask():\n"
        "    with connect(MEMORY) as store:\n"
        "        signal.setitimer(signal.ITIMER_REAL, 0.5)\n"
        "        while True:\n"
        "            store.rows('SELECT sum(range % 7) FROM range(300000000)')\n"
        "cli.main()\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, encoding="utf-8", check=False
    )
    assert (ran.returncode, ran.stderr) == (130, "")
