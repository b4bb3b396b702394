"""A list of accounts that this program exported is the same accounts when read back."""

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from dashboard.actions.import_accounts import AccountsReport, import_accounts
from dashboard.actions.import_roster import import_roster
from dashboard.actions.list_accounts import ListFormat, list_accounts
from dashboard.domain.account import Origin, State, identifier
from dashboard.domain.errors import Refused
from dashboard.domain.filters import AccountFilter, Sort
from dashboard.domain.scope import PeopleScope
from dashboard.store.engine import MEMORY, Store, connect
from dashboard.wording.account_columns import headings
from tests.actions.stored import BEZE, SULPICE, TODAY, listed, tables
from tests.extractions import Dialect, Kid, Parent, Pupil, write_roster

HEADER = headings(1)
ACCOUNT = {
    "Élève": "DUPONT Léa",
    "Classe": "CP A",
    "Responsable": "DUPONT Paul",
    "Identifiant": "0a1b-2c3d",
    "Messagerie": "paul@x.example",
    "Origine du compte": "Auto-inscription",
    "État de compte": "notifié et non activé",
    "Date de distribution": "01/09/2026",
    "Date de dernier accès": "",
    "UAI": SULPICE,
    "École": "École Saint-Sulpice",
    "Civilité": "M.",
    "Nom de naissance": "DUPONT",
    "Prénom": "Paul",
    "Nom de naissance élève 1": "DUPONT",
    "Prénom élève 1": "Léa",
    "Date de naissance élève 1": "01/02/2018",
    "Niveau élève 1": "CP",
    "Classe élève 1": "CP A",
}

Bring = Callable[..., AccountsReport]


def exported(store: Store, uai: str = SULPICE) -> bytes:
    now = datetime.fromisoformat("2026-09-28T10:00")
    scope = PeopleScope.schools(uai)
    return list_accounts(store, scope, AccountFilter(), Sort(), now, ListFormat.CSV).content


def counted(report: AccountsReport) -> tuple[int, int, int, int]:
    return report.created, report.taken_over, report.unchanged, report.kept


@pytest.fixture
def bring(store: Store, tmp_path: Path) -> Bring:
    """Import accounts that differ from the one above in some cells."""

    def bring(*changes: dict[str, str]) -> AccountsReport:
        rows = [[(ACCOUNT | change).get(name, "") for name in HEADER] for change in changes]
        path = tmp_path / "comptes.csv"
        path.write_bytes(Dialect("utf-8-sig").encode([HEADER, *rows]))
        return import_accounts(store, path, TODAY)

    return bring


@pytest.fixture
def roster(tmp_path: Path) -> tuple[Path, Path]:
    return write_roster(tmp_path / "roster", [Pupil()], [Parent(email="paul@x.example")])


@pytest.mark.parametrize("uai", ["0580189R", "0210351T", "0210507M", "0210749A"])
def test_an_export_read_into_a_fresh_store_exports_the_same_bytes(
    demo_store: Store, store: Store, tmp_path: Path, uai: str
) -> None:
    (tmp_path / "comptes.csv").write_bytes(exported(demo_store, uai))
    report = import_accounts(store, tmp_path / "comptes.csv", TODAY)
    assert exported(store, uai) == exported(demo_store, uai)
    assert report.warnings == []


def test_exports_of_several_schools_may_follow_each_other(
    demo_store: Store, store: Store, tmp_path: Path
) -> None:
    uais = ("0210351T", "0210507M", "0210749A")
    for uai in uais:
        (tmp_path / "comptes.csv").write_bytes(exported(demo_store, uai))
        import_accounts(store, tmp_path / "comptes.csv", TODAY)
    for uai in uais:
        assert exported(store, uai) == exported(demo_store, uai)
    distinct = "SELECT count(*), count(DISTINCT identifier) FROM account"
    [(accounts, identifiers)] = store.rows(distinct)
    assert accounts == identifiers


def test_a_list_again_changes_nothing(store: Store, bring: Bring) -> None:
    assert counted(bring({})) == (1, 0, 0, 0)
    before = tables(store)
    assert counted(bring({})) == (0, 0, 1, 0)
    assert tables(store) == before


def test_an_account_has_the_state_origin_and_dates_of_the_list(store: Store, bring: Bring) -> None:
    bring({})
    [account] = [account.account for account in listed(store)]
    assert (account.state, account.origin) == (State.NOTIFIED, Origin.SELF_REGISTERED)
    assert (account.identifier, account.distributed_on) == ("0a1b-2c3d", date(2026, 9, 1))


def test_an_untouched_account_of_a_roster_is_taken_over(
    store: Store, bring: Bring, roster: tuple[Path, Path]
) -> None:
    import_roster(store, SULPICE, *roster, TODAY)
    assert counted(bring({})) == (0, 1, 0, 0)
    [account] = listed(store)
    assert account.account.identifier == "0a1b-2c3d"
    assert account.account.state is State.NOTIFIED


def test_a_roster_after_the_list_changes_no_account(
    store: Store, bring: Bring, roster: tuple[Path, Path]
) -> None:
    bring({})
    [before] = listed(store)
    import_roster(store, SULPICE, *roster, TODAY)
    [after] = listed(store)
    assert after.account == before.account


def test_a_distributed_account_is_never_overwritten(store: Store, bring: Bring) -> None:
    bring({})
    before = tables(store)
    report = bring({"État de compte": "activé", "Date de distribution": "02/09/2026"})
    assert counted(report) == (0, 0, 0, 1)
    assert [str(warning) for warning in report.warnings] == [
        "avertissement : comptes.csv, ligne 2, colonne « État de compte » : le compte 0a1b-2c3d "
        "est déjà « notifié et non activé » ici ; laissé tel quel."
    ]
    assert tables(store) == before


def test_a_list_may_name_some_accounts_only(store: Store, bring: Bring, tmp_path: Path) -> None:
    parents = [Parent(email="paul@x.example"), Parent("MARTIN", "Inès")]
    import_roster(store, SULPICE, *write_roster(tmp_path / "roster", [Pupil()], parents), TODAY)
    bring({})
    assert [account.guardian.first_name for account in listed(store)] == ["Paul", "Inès"]


def test_the_identifier_of_another_person_is_refused(
    store: Store, bring: Bring, tmp_path: Path
) -> None:
    files = write_roster(tmp_path / "roster", [Pupil()], [Parent("MARTIN", "Inès")])
    import_roster(store, BEZE, *files, TODAY)
    before = tables(store)
    [ines] = listed(store, BEZE)
    with pytest.raises(Refused, match=r"ligne 2, colonne « Identifiant » : l'identifiant .* est"):
        bring({"Identifiant": ines.account.identifier})
    assert tables(store) == before


def test_new_accounts_never_get_an_identifier_that_a_list_brought(
    store: Store, bring: Bring, tmp_path: Path
) -> None:
    [(base,)] = store.rows("SELECT identifier_base FROM numbering")
    brought = [identifier(base, number) for number in range(1, 2001)]
    bring(
        *(
            {"Identifiant": text, "Prénom": text, "Messagerie": f"{text}@x.example"}
            for text in brought[1000:]
        )
    )
    files = write_roster(tmp_path / "roster", [Pupil()], [Parent("MARTIN", "Inès")])
    import_roster(store, BEZE, *files, TODAY)
    [account] = listed(store, BEZE)
    assert account.account.identifier not in brought


@pytest.mark.parametrize(
    ("cells", "column", "message"),
    [
        ({"État de compte": "actif"}, "État de compte", "« actif » inconnu. Attendu : non notifié"),
        ({"État de compte": ""}, "État de compte", "Attendu : non notifié, notifié et non activé"),
        ({"Origine du compte": "ENT"}, "Origine du compte", "Attendu : Établissement, Auto-insc"),
        ({"UAI": "0580189A"}, "UAI", "Attendu : 0580189R"),
        ({"UAI": ""}, "UAI", "mal formé"),
        ({"Identifiant": ""}, "Identifiant", "identifiant manquant"),
        ({"Identifiant": "a" * 65}, "Identifiant", "plus de 64 caractères"),
        ({"Nom de naissance": ""}, "Nom de naissance", "nom manquant"),
        ({"Date de distribution": "31/09/2026"}, "Date de distribution", "impossible"),
        ({"Date de distribution": "01/10/2026"}, "Date de distribution", "28/09/2026"),
        ({"Date de distribution": ""}, "Date de distribution", "a une date de distribution"),
        ({"État de compte": "non notifié"}, "Date de distribution", "n'a pas de date"),
        ({"Date de dernier accès": "hier"}, "Date de dernier accès", "« hier » impossible"),
        ({"Niveau élève 1": "7"}, "Niveau élève 1", "« 7 » inconnu"),
        ({"Prénom élève 1": ""}, "Prénom élève 1", "prénom de l'élève manquant"),
        ({"Date de naissance élève 1": "1"}, "Date de naissance élève 1", "impossible"),
        (dict.fromkeys(HEADER[-6:], ""), "Nom de naissance élève 1", "aucun élève"),
    ],
)
def test_what_is_wrong_with_a_list_is_told_with_its_place_and_nothing_is_written(
    store: Store, bring: Bring, cells: dict[str, str], column: str, message: str
) -> None:
    before = tables(store)
    with pytest.raises(Refused) as refused:
        bring({"Identifiant": "autre"}, cells)
    [reason] = refused.value.reasons
    assert reason.startswith(f"erreur : comptes.csv, ligne 3, colonne « {column} » : ")
    assert message in reason
    assert tables(store) == before


@pytest.mark.parametrize("known", [False, True])
def test_an_identifier_on_two_lines_is_an_error(store: Store, bring: Bring, known: bool) -> None:
    if known:
        bring({"État de compte": "non notifié", "Date de distribution": ""})
    with pytest.raises(Refused) as refused:
        bring({}, {"Identifiant": "0A1B-2C3D"})
    assert refused.value.reasons == [
        "erreur : comptes.csv, ligne 3, colonne « Identifiant » : "
        "identifiant 0a1b-2c3d déjà à la ligne 2."
    ]


def test_a_state_may_be_the_code_s_name(store: Store, bring: Bring) -> None:
    bring({"État de compte": "NOTIFIED", "Origine du compte": "FRANCECONNECT"})
    assert listed(store)[0].account.origin is Origin.FRANCECONNECT


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"a;b\n1;2\n", b"\xff\xfe"])
def test_another_file_is_refused(store: Store, tmp_path: Path, content: bytes) -> None:
    (tmp_path / "comptes.csv").write_bytes(content)
    with pytest.raises(Refused, match=r"erreur : comptes\.csv"):
        import_accounts(store, tmp_path / "comptes.csv", TODAY)


HOSTILE = [
    '=HYPERLINK("http://x";"y")',
    "'=1+1",
    "''",
    "@SUM(A1)",
    "+33",
    "-DUPONT",
    "|cmd",
    "%0A",
    "＝1",
    'Jean "Jojo"; dit',
    "<script>alert(1)</script>",
    "Léa\nRose\r\n;x",
    "עִבְרִית \u202eabc\u202c",
    "D'ÉPERVIER",
    "`${x}`",
    "Robert'); DROP TABLE account;--",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_cells_survive_the_round_trip(store: Store, tmp_path: Path, text: str) -> None:
    pupil = Pupil(f"{text}a", text + "a", class_label=text, usage_name=f"b{text}")
    kid = Kid(pupil.name, pupil.first_name, pupil.class_label, pupil.usage_name)
    parent = Parent(f"{text}z", f"{text}y", [kid], usage_name=f"{text}x")
    dialect = Dialect("utf-8")
    students, guardians = write_roster(tmp_path / "roster", [pupil], [parent], dialect)
    import_roster(store, SULPICE, students, guardians, TODAY, name=text)
    first = exported(store)
    (tmp_path / "comptes.csv").write_bytes(first)
    with connect(MEMORY) as fresh:
        import_accounts(fresh, tmp_path / "comptes.csv", TODAY)
        assert exported(fresh) == first
        assert listed(fresh) == listed(store)
    cells = [
        cell
        for row in csv.reader(io.StringIO(first.decode("utf-8-sig")), delimiter=";")
        for cell in row
    ]
    assert not [cell for cell in cells if cell.startswith(tuple("=+-@|%＝\t\r\n"))]
