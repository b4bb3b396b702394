"""A newer roster brings the store to itself; accounts and their states survive."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pytest

from dashboard.actions.figures import statistics
from dashboard.actions.import_roster import ImportReport, import_roster
from dashboard.domain.account import Account, Origin, State
from dashboard.domain.scope import Scope
from dashboard.store.accounts import adopt_accounts
from dashboard.store.engine import Store
from tests.actions.stored import BEZE, SULPICE, TODAY, families, listed, one_tally, tables
from tests.extractions import Kid, Parent, Pupil, write_roster

LEA = Pupil("DUPONT", "Léa", "01/02/2018", "CP A", "CP")
TOM = Pupil("DUPONT", "Tom", "03/04/2020", "MS", "MS")
ZOE = Pupil("MARTIN", "Zoé", "05/06/2018", "CP A", "CP")
LEAS, TOMS, ZOES = (
    Kid(pupil.name, pupil.first_name, pupil.class_label) for pupil in (LEA, TOM, ZOE)
)
PAUL = Parent("DUPONT", "Paul", [LEAS, TOMS], "M.", "", "paul@x.example", "0639981234")
INES = Parent("MARTIN", "Inès", [LEAS, TOMS], "Mme", "DUPONT", "ines@x.example")
OMER = Parent("MARTIN", "Ömer", [ZOES], "M.", "", "omer@x.example")
PUPILS, PARENTS = [LEA, TOM, ZOE], [PAUL, INES, OMER]

Bring = Callable[..., ImportReport]


@pytest.fixture
def bring(store: Store, tmp_path: Path) -> Bring:
    def bring(
        pupils: Sequence[Pupil] = PUPILS,
        parents: Sequence[Parent] = PARENTS,
        uai: str = SULPICE,
        *,
        today: date = TODAY,
        name: str = "",
        dry_run: bool = False,
    ) -> ImportReport:
        files = write_roster(tmp_path / "files", pupils, parents)
        return import_roster(store, uai, *files, today, name=name, dry_run=dry_run)

    return bring


def distribute(store: Store, first_name: str, state: State) -> Account:
    """Give a guardian's account a state, as after a distribution."""
    [found] = [a for a in listed(store) if a.guardian.first_name == first_name]
    day = date(2026, 9, 1)
    account = Account(found.account.identifier, Origin.SCHOOL, state, day, day)
    [(version,)] = store.rows(
        "SELECT version FROM account WHERE account_id = $1", [found.account_id]
    )
    stated = type(found)(found.uai, found.school, found.guardian, found.students, account)
    with store.transaction() as transaction:
        adopt_accounts(transaction, [(found.account_id, version, stated)], day)
    return account


def test_guardians_and_their_children_are_listed(store: Store, bring: Bring) -> None:
    report = bring()
    assert families(store) == {
        "DUPONT Paul": ["DUPONT Léa", "DUPONT Tom"],
        "DUPONT Inès": ["DUPONT Léa", "DUPONT Tom"],
        "MARTIN Ömer": ["MARTIN Zoé"],
    }
    nothing_else = "+ 0 modifié + 0 inchangé + 0 réuni + 0 à préciser + 0 écarté ; 0 parti"
    assert report.lines()[:4] == [
        "classes : 2 créés, 0 modifié, 0 inchangé, 0 parti",
        f"élèves : 3 lus = 3 créés {nothing_else}",
        f"responsables : 3 lus = 3 créés {nothing_else}",
        f"rattachements : 5 lus = 5 créés {nothing_else}",
    ]


def test_it_is_said_how_the_files_were_read(bring: Bring) -> None:
    *_, students, unused_of_students, guardians, unused_of_guardians = bring().lines()
    assert students == "eleves.csv : encodage : Windows-1252"
    assert guardians == "responsables.csv : encodage : Windows-1252"
    assert unused_of_students.startswith("eleves.csv : colonnes non lues : Sexe, Adresse1, ")
    assert "Adresse responsable, CP responsable" in unused_of_guardians


def test_new_accounts_are_the_school_s_and_not_notified(store: Store, bring: Bring) -> None:
    bring()
    accounts = [account.account for account in listed(store)]
    assert {(a.state, a.origin) for a in accounts} == {(State.NOT_NOTIFIED, Origin.SCHOOL)}
    assert len({account.identifier for account in accounts}) == 3


def test_the_same_files_again_change_nothing(store: Store, bring: Bring) -> None:
    bring(name="École Saint-Sulpice")
    before = tables(store)
    report = bring(name="École Saint-Sulpice")
    assert tables(store) == before
    assert [one_tally(report, kind) for kind in report.tallies] == [
        (0, 0, n, 0) for n in (3, 3, 5, 2)
    ]


def test_a_dry_run_tells_the_same_and_writes_nothing(store: Store, bring: Bring) -> None:
    empty = tables(store)
    tried = bring(dry_run=True)
    assert tables(store) == empty
    done = bring()
    assert (tried.tallies, tried.warnings) == (done.tallies, done.warnings)


def test_a_student_moves_to_another_class_with_the_links(store: Store, bring: Bring) -> None:
    bring()
    moved = LEA._replace(class_label="CE1", level="CE1")
    kids = [LEAS._replace(class_label="CE1"), TOMS]
    report = bring([moved, TOM, ZOE], [PAUL._replace(kids=kids), INES._replace(kids=kids), OMER])
    assert one_tally(report, "students") == (0, 1, 2, 0)
    assert one_tally(report, "links") == (0, 2, 3, 0)
    frame = statistics(store, Scope.schools(SULPICE), "class").set_index("class")
    assert frame["accounts"].to_dict() == {"MS": 2, "CP A": 1, "CE1": 2}


def test_who_is_missing_has_left_and_is_no_longer_counted(store: Store, bring: Bring) -> None:
    bring()
    report = bring([LEA, TOM], [PAUL, INES])
    assert one_tally(report, "students") == (0, 0, 2, 1)
    assert one_tally(report, "guardians") == (0, 0, 2, 1)
    assert "MARTIN Ömer" not in families(store)
    assert statistics(store, Scope.schools(SULPICE), "structure")["accounts"].item() == 2


def test_who_comes_back_has_the_same_account_and_state(store: Store, bring: Bring) -> None:
    bring()
    account = distribute(store, "Ömer", State.ACTIVATED)
    bring([LEA, TOM], [PAUL, INES], today=date(2026, 10, 1))
    bring(today=date(2026, 11, 1))
    [omer] = [a for a in listed(store) if a.guardian.first_name == "Ömer"]
    assert omer.account == account
    assert store.rows("SELECT count(*) FROM student") == [(3,)]


def test_leaving_is_dated_once(store: Store, bring: Bring) -> None:
    bring()
    for day in (date(2026, 10, 1), date(2026, 10, 2)):
        bring([LEA, TOM], [PAUL, INES], today=day)
    assert store.rows("SELECT left_on FROM student WHERE left_on IS NOT NULL") == [
        (date(2026, 10, 1),)
    ]


@pytest.mark.parametrize("state", list(State)[1:])
def test_a_distributed_account_survives_every_change_of_the_files(
    store: Store, bring: Bring, state: State
) -> None:
    bring()
    account = distribute(store, "Paul", state)
    kids = [LEAS._replace(class_label="CP B")]
    changed = PAUL._replace(kids=kids, mobile="0639980000", usage_name="DURAND")
    bring([LEA._replace(class_label="CP B"), ZOE], [OMER, changed])
    [paul] = [a for a in listed(store) if a.guardian.first_name == "Paul"]
    assert paul.account == account
    assert paul.guardian.mobile == "0639980000"
    assert paul.guardian.full_name == "DURAND Paul"


@pytest.mark.parametrize(
    ("state", "email"),
    [
        (State.NOT_NOTIFIED, "new@x.example"),
        (State.NOTIFIED, "new@x.example"),
        (State.ACTIVATING, "paul@x.example"),
        (State.ACTIVATED, "paul@x.example"),
    ],
)
def test_an_email_is_the_school_s_until_the_guardian_gave_one(
    store: Store, bring: Bring, state: State, email: str
) -> None:
    bring()
    if state is not State.NOT_NOTIFIED:
        distribute(store, "Paul", state)
    bring(parents=[PAUL._replace(email="new@x.example"), INES, OMER])
    [paul] = [a for a in listed(store) if a.guardian.first_name == "Paul"]
    assert paul.guardian.email == email


def test_a_contact_that_a_newer_file_lacks_is_kept(store: Store, bring: Bring) -> None:
    bring()
    bring(parents=[PAUL._replace(email="", mobile=""), INES, OMER])
    [paul] = [a for a in listed(store) if a.guardian.first_name == "Paul"]
    assert (paul.guardian.email, paul.guardian.mobile) == ("paul@x.example", "0639981234")


def test_a_usage_name_that_a_newer_file_lacks_was_given_up(store: Store, bring: Bring) -> None:
    bring()
    bring(parents=[PAUL, INES._replace(usage_name=""), OMER])
    assert "MARTIN Inès" in families(store)


def test_a_student_keeps_the_number_when_an_ine_comes_or_goes(store: Store, bring: Bring) -> None:
    for ine in ("", "123456789AB", ""):
        bring([LEA._replace(ine=ine), TOM, ZOE])
    assert store.rows("SELECT count(*) FROM student") == [(3,)]


def test_a_student_whose_name_was_corrected_is_recognised_by_the_ine(
    store: Store, bring: Bring
) -> None:
    ine = "123456789AB"
    bring([LEA._replace(ine=ine), TOM, ZOE])
    corrected = LEA._replace(ine=ine, first_name="Léa-Rose", born_on="02/02/2018")
    report = bring([corrected, TOM, ZOE], [PAUL._replace(kids=[TOMS]), INES, OMER])
    assert one_tally(report, "students") == (0, 1, 2, 0)


def test_a_change_of_email_with_the_same_child_is_the_same_guardian(
    store: Store, bring: Bring
) -> None:
    bring()
    report = bring(parents=[PAUL._replace(email="x@y.example", mobile=""), INES, OMER])
    assert one_tally(report, "guardians") == (0, 1, 2, 0)


def test_half_the_school_leaving_at_once_is_a_warning(store: Store, bring: Bring) -> None:
    bring()
    [warning] = bring([ZOE], [OMER]).warnings
    assert "2 élèves sur 3 ont quitté l'école" in str(warning)


def test_the_name_of_a_school_is_kept_until_another_is_given(store: Store, bring: Bring) -> None:
    for name, kept in (("", SULPICE), ("École\n A", "École A"), ("", "École A"), ("B", "B")):
        bring(name=name)
        assert store.rows("SELECT name FROM school") == [(kept,)]


class TestInTwoSchools:
    """A guardian known in another school is one account on evidence, else two."""

    @pytest.mark.parametrize(
        "again",
        [
            PAUL,
            PAUL._replace(email=""),
            PAUL._replace(mobile=""),
            PAUL._replace(name="dupont", first_name="PAUL", civility=""),
        ],
    )
    def test_the_same_names_and_a_shared_contact_are_one(
        self, store: Store, bring: Bring, again: Parent
    ) -> None:
        bring()
        bring([ZOE], [again._replace(kids=[ZOES])], BEZE)
        both = Scope.schools(SULPICE, BEZE)
        assert statistics(store, both, "structure")["accounts"].item() == 3
        assert statistics(store, both, "school")["accounts"].tolist() == [1, 3]
        [here] = listed(store, BEZE)
        [there] = [a for a in listed(store, SULPICE) if a.account_id == here.account_id]
        assert (here.student_names, there.student_names) == (
            ["MARTIN Zoé"],
            ["DUPONT Léa", "DUPONT Tom"],
        )

    @pytest.mark.parametrize(
        "other",
        [
            PAUL._replace(email="", mobile=""),
            PAUL._replace(email="autre@x.example", mobile="0639980000"),
            PAUL._replace(civility="Mme"),
            PAUL._replace(first_name="Paula"),
        ],
    )
    def test_without_evidence_or_with_other_names_they_are_two(
        self, store: Store, bring: Bring, other: Parent
    ) -> None:
        bring()
        bring([ZOE], [other._replace(kids=[ZOES])], BEZE)
        both = Scope.schools(SULPICE, BEZE)
        assert statistics(store, both, "structure")["accounts"].item() == 4

    def test_leaving_one_school_is_not_leaving_the_other(self, store: Store, bring: Bring) -> None:
        bring()
        bring([ZOE], [PAUL._replace(kids=[ZOES])], BEZE)
        bring([ZOE], [OMER])
        assert families(store, BEZE) == {"DUPONT Paul": ["MARTIN Zoé"]}
        assert "DUPONT Paul" not in families(store, SULPICE)

    def test_homonym_students_of_two_schools_are_two(self, store: Store, bring: Bring) -> None:
        bring()
        bring(uai=BEZE)
        assert store.rows("SELECT count(*) FROM student") == [(6,)]
        assert store.rows("SELECT count(*) FROM account") == [(3,)]
