"""A corrected spelling in newer extractions: the account stays as it is stored, and it is said."""

from pathlib import Path

import pytest

from dashboard.actions.import_roster import ImportReport, import_roster
from dashboard.domain.account import State
from dashboard.domain.corrections import Decisions
from dashboard.domain.errors import Refused
from dashboard.domain.pairing import Answers
from dashboard.store.engine import Store
from tests.actions.stored import BEZE, SULPICE, TODAY, families, listed, one_tally, tables
from tests.extractions import Kid, Parent, Pupil, write_roster

PUPIL = Pupil("GARNEAU", "Élie", "04/03/2017", "CE1 A", "CE1")
KID = Kid(PUPIL.name, PUPIL.first_name, PUPIL.class_label)
PARENT = Parent("GRANEAU", "Hélène", [KID], "Mme", "", "h.garneau@x.example", "0639981234")
RIGHT = PARENT._replace(name="GARNEAU")
OTHER = Parent("GRANEAU", "Cléo", [KID], "Mme")


def bring(
    store: Store,
    folder: Path,
    pupil: Pupil,
    parent: Parent,
    uai: str = SULPICE,
    decisions: Decisions | None = None,
    dry_run: bool = False,
) -> ImportReport:
    files = write_roster(folder, [pupil], [parent])
    return import_roster(store, uai, *files, TODAY, decisions=decisions, dry_run=dry_run)


def distribute(store: Store, state: State, email: str = "") -> None:
    with store.transaction() as transaction:
        transaction.write(
            "UPDATE account SET state = $1, distributed_on = DATE '2026-09-01', "
            "email = CASE WHEN $2 = '' THEN email ELSE $2 END",
            [state.value, email],
        )


@pytest.mark.parametrize("state", list(State)[1:])
def test_the_account_of_a_corrected_name_keeps_identifier_and_state(
    store: Store, tmp_path: Path, state: State
) -> None:
    bring(store, tmp_path, PUPIL, PARENT)
    distribute(store, state)
    [before] = listed(store)
    report = bring(store, tmp_path, PUPIL, RIGHT)
    [now] = listed(store)
    assert now.account == before.account
    assert now.guardian.full_name == "GARNEAU Hélène"
    assert store.rows("SELECT count(*), min(version) FROM account") == [(1, 2)]
    assert one_tally(report, "guardians") == (0, 1, 0, 0)
    assert "0 parti ; 1 reconnu malgré une correction" in report.lines()[2]
    [warning] = [str(one) for one in report.warnings]
    assert warning.startswith("avertissement : responsables.csv, ligne 2 : correction reconnue : ")
    assert "Mme GRANEAU Hélène" in warning
    assert "devient Mme GARNEAU Hélène" in warning
    assert before.account.identifier in warning


def test_an_activated_guardian_keeps_the_address_they_gave(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path, PUPIL, PARENT)
    distribute(store, State.ACTIVATED, "own@x.example")
    bring(store, tmp_path, PUPIL, RIGHT)
    [now] = listed(store)
    assert (now.guardian.full_name, now.guardian.email) == ("GARNEAU Hélène", "own@x.example")


def test_a_corrected_only_child_keeps_the_guardian(store: Store, tmp_path: Path) -> None:
    parent = PARENT._replace(email="", mobile="")
    bring(store, tmp_path, PUPIL, parent)
    [before] = listed(store)
    pupil = PUPIL._replace(first_name="Éloi", born_on="05/03/2017")
    kid = KID._replace(first_name="Éloi")
    with pytest.raises(Refused, match="--keep-student 2=1 si oui"):
        bring(store, tmp_path, pupil, parent._replace(kids=[kid]))
    pupil, kid = PUPIL._replace(born_on="05/03/2017"), KID
    report = bring(store, tmp_path, pupil, parent._replace(kids=[kid]))
    [now] = listed(store)
    assert now.account == before.account
    assert "; 1 reconnu malgré une correction" in report.lines()[1]
    assert store.rows("SELECT count(*) FROM student") == [(1,)]


def test_a_child_corrected_in_one_file_alone_still_tells_the_guardian(
    store: Store, tmp_path: Path
) -> None:
    parent, right = (one._replace(email="", mobile="") for one in (PARENT, RIGHT))
    bring(store, tmp_path, PUPIL, parent)
    [before] = listed(store)
    report = bring(store, tmp_path, PUPIL._replace(name="GARNAU"), right)
    [now] = listed(store)
    assert now.account == before.account
    assert now.child_names == ["GARNEAU Élie (à préciser)"]
    assert len(report.recognised) == 2


def test_a_corrected_guardian_of_whom_no_child_is_known_is_asked_about(
    store: Store, tmp_path: Path
) -> None:
    parent, right = (one._replace(kids=[], email="", mobile="") for one in (PARENT, RIGHT))
    bring(store, tmp_path, PUPIL, parent)
    with pytest.raises(Refused, match="aucun enfant nommé, nom proche, même prénom"):
        bring(store, tmp_path, PUPIL, right)
    bring(store, tmp_path, PUPIL, right, decisions=Decisions(Answers({2: ""})))
    assert [one.guardian.full_name for one in listed(store)] == ["GARNEAU Hélène"]
    assert store.rows("SELECT count(*) FROM account") == [(1,)]


@pytest.mark.parametrize("dry_run", [False, True])
def test_a_question_keeps_everything_from_being_written(
    store: Store, tmp_path: Path, dry_run: bool
) -> None:
    bring(store, tmp_path, PUPIL, PARENT)
    [before] = listed(store)
    was = tables(store)
    with pytest.raises(Refused) as refused:
        bring(store, tmp_path, PUPIL, OTHER, dry_run=dry_run)
    assert tables(store) == was
    question, advice = refused.value.reasons
    assert question.startswith("erreur : responsables.csv, ligne 2 : Mme GRANEAU Cléo est-ce")
    assert f"Ajoutez à la commande --keep 2={before.account.identifier} si oui" in question
    assert "--new 2 si non" in question
    assert "Rien n'a été importé" in advice


def test_what_is_answered_is_done(store: Store, tmp_path: Path) -> None:
    bring(store, tmp_path, PUPIL, PARENT)
    [before] = listed(store)
    key = before.account.identifier
    bring(store, tmp_path, PUPIL, OTHER, decisions=Decisions(Answers({2: key})))
    [kept] = listed(store)
    assert (kept.account, kept.guardian.full_name) == (before.account, "GRANEAU Cléo")
    again = Parent("GRANEAU", "Zélie", [KID], "Mme")
    bring(store, tmp_path, PUPIL, again, decisions=Decisions(Answers(new=frozenset({2}))))
    [new] = listed(store)
    assert new.account.identifier != key
    assert families(store) == {"GRANEAU Zélie": ["GARNEAU Élie"]}


def test_a_guardian_of_two_schools_is_corrected_by_either(store: Store, tmp_path: Path) -> None:
    for uai in (SULPICE, BEZE):
        bring(store, tmp_path, PUPIL, PARENT, uai)
    assert store.rows("SELECT count(*) FROM account") == [(1,)]
    for uai in (SULPICE, BEZE):
        bring(store, tmp_path, PUPIL, RIGHT, uai)
        [there], [here] = listed(store, SULPICE), listed(store, BEZE)
        assert there.account_id == here.account_id
    assert store.rows("SELECT count(*) FROM account") == [(1,)]
