"""A person's rights: a copy of everything, and an erasure after which nothing names them."""

import json
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from dashboard.actions.figures import statistics
from dashboard.actions.guardian_access import GuardianAccess
from dashboard.actions.import_accounts import import_accounts
from dashboard.actions.import_roster import import_roster
from dashboard.actions.privacy import check_erasable, erase_person, find_person, person_record
from dashboard.actions.send_messages import Mailing
from dashboard.actions.services import Services
from dashboard.actions.throttle import WrongPassword
from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.domain.errors import Refused
from dashboard.domain.filters import AccountFilter, Sort
from dashboard.domain.grouping import Grouping
from dashboard.domain.journal import AuditFilter
from dashboard.domain.scope import PeopleScope, Scope
from dashboard.outputs.csv_files import account_list_csv
from dashboard.store.accounts import listed_accounts
from dashboard.store.engine import Changed, Store, connect
from dashboard.store.journal import audit
from dashboard.store.privacy import Erasable, erase
from dashboard.transport.maildir import Maildir
from tests.actions.services import (
    ABRICOT,
    BOULEAU,
    DATTIER,
    DIRECTOR,
    GENET,
    GOOD_PASSWORD,
    NOW,
    SAINT_SULPICE,
    SENDER,
    address,
    asker,
    change,
    entries,
    families,
    had,
    make_services,
    notified_by_email,
    open_purposes,
    row,
)
from tests.actions.stored import tables
from tests.command import Run
from tests.extractions import Parent, Pupil, write_roster
from tests.store.rows import SULPICE

LAST_WEEK = NOW.date() - timedelta(days=7)


@pytest.fixture
def services(store: Store, tmp_path: Path) -> Services:
    """Two schools whose guardians were written to, into a folder."""
    families(store)
    made = make_services(store)
    folder = tmp_path / "mail"
    mailing = Mailing(Maildir(folder), SENDER, 10**9)
    services = Services(
        store, made.signer, made.public_address, made.letterhead, mailing, made.clock, folder
    )
    notified_by_email(store, ABRICOT, BOULEAU, DATTIER)
    services.postman().send_due()
    return services


def erased(services: Services, account: int, *, even_if_enrolled: bool = True) -> None:
    person = find_person(services.store, NOW, account_id=account)
    erase_person(services, person, asker(), even_if_enrolled=even_if_enrolled)


def recorded(store: Store, account: int) -> Any:
    """What the export of an account says, read back from JSON."""
    return json.loads(json.dumps(person_record(find_person(store, NOW, account_id=account))))


def leaves(store: Store, account: int, on: date = LAST_WEEK) -> None:
    """The children of an account leave their schools."""
    with store.transaction() as transaction:
        transaction.write("UPDATE link SET left_on = $1 WHERE account_id = $2", [on, account])
        transaction.write(
            "UPDATE student SET left_on = $1 WHERE student_id IN "
            "(SELECT student_id FROM link WHERE account_id = $2)",
            [on, account],
        )


def everything(store: Store) -> str:
    return json.dumps(tables(store), default=str)


def all_statistics(store: Store) -> list[pd.DataFrame]:
    return [statistics(store, Scope.nation(), by) for by in Grouping]


class TestExport:
    def test_it_has_everything_but_secrets(self, services: Services) -> None:
        had(services.store, ABRICOT, password="")
        record = recorded(services.store, ABRICOT)
        assert list(record) == ["account", "children", "journal", "messages", "open_links"]
        account = record["account"]
        assert account["birth_name"] == "Abricot"
        assert account["email"] == address(ABRICOT)
        [child] = record["children"]
        assert (child["first_name"], child["class"], child["left_on"]) == ("Zoé", "CP A", None)
        [message] = record["messages"]
        assert message["recipient"] == address(ABRICOT)
        [link] = record["open_links"]
        assert set(link) == {"purpose", "expires_at"}

    def test_hash_and_names_of_staff_stay_out(self, services: Services) -> None:
        change(services.store, ABRICOT, "password", "'CHOSEN'")
        had(services.store, ABRICOT, password=GOOD_PASSWORD)
        stored = row(services.store, ABRICOT)["password_hash"]
        record = recorded(services.store, ABRICOT)
        text = json.dumps(record, ensure_ascii=False)
        assert stored.startswith("$argon2")
        assert "$argon2" not in text
        assert DIRECTOR not in text
        [entry] = record["journal"]
        assert (entry["by"], entry["action"]) == ("personnel", "NOTIFY_BY_EMAIL")

    def test_a_child_who_left_is_in_it(self, services: Services) -> None:
        leaves(services.store, ABRICOT)
        [child] = find_person(services.store, NOW, account_id=ABRICOT).children
        assert child.left_on == LAST_WEEK

    def test_a_person_is_found_by_identifier(self, services: Services) -> None:
        identifier = row(services.store, GENET)["identifier"]
        found = find_person(services.store, NOW, identifier=f" {identifier.upper()} ")
        assert found.holder.account_id == GENET
        with pytest.raises(Refused, match="Aucun compte none"):
            find_person(services.store, NOW, identifier="none")
        with pytest.raises(Refused, match="Aucun compte 99"):
            find_person(services.store, NOW, account_id=99)


class TestErasure:
    def test_nothing_names_the_person_any_more(self, services: Services) -> None:
        erased(services, DATTIER)
        left = everything(services.store)
        assert address(DATTIER) not in left
        account = row(services.store, DATTIER)
        names = ("civility", "birth_name", "usage_name", "first_name", "name_key")
        assert {account[name] for name in (*names, "email", "mobile", "password_hash")} == {""}
        assert account["password"] == "NONE"
        assert open_purposes(services.store, DATTIER) == []
        assert services.store.rows(
            "SELECT count(*) FROM link JOIN student ON student.student_id = link.student_id "
            "WHERE link.account_id = $1",
            [DATTIER],
        ) == [(0,)]

    def test_its_messages_are_removed_and_others_are_not(self, services: Services) -> None:
        assert services.mail_folder is not None
        new = services.mail_folder / "new"
        assert len(list(new.iterdir())) == 3
        erased(services, DATTIER)
        letters = "".join(file.read_text("utf-8") for file in new.iterdir())
        assert (len(list(new.iterdir())), address(DATTIER) in letters) == (2, False)
        assert services.store.rows("SELECT DISTINCT account_id FROM message ORDER BY 1") == [
            (ABRICOT,),
            (BOULEAU,),
        ]

    def test_the_rest_stays_as_it_was(self, services: Services) -> None:
        before = tables(services.store)
        erased(services, DATTIER)
        after = tables(services.store)
        mine = {"account": 0, "link": 0, "message": 1, "journal": 4, "ticket": 1}
        for table, rows in before.items():
            place = mine.get(table)
            others = [row for row in rows if place is None or row[place] != DATTIER]
            kept = [row for row in after[table] if place is None or row[place] != DATTIER]
            assert kept == others, table
        assert len(after["account"]) == len(before["account"])

    def test_without_an_enrolled_child_no_figure_changes(self, services: Services) -> None:
        leaves(services.store, DATTIER)
        before = all_statistics(services.store)
        erased(services, DATTIER, even_if_enrolled=False)
        for old, new in zip(before, all_statistics(services.store), strict=True):
            pd.testing.assert_frame_equal(old, new)

    def test_with_one_the_account_leaves_the_counts_alone(self, services: Services) -> None:
        """Two classes, so that it is one less in each of them and in the school."""

        def counts(by: Grouping, key: str) -> dict[str, tuple[int, int, int]]:
            frame = statistics(services.store, Scope.schools(SULPICE), by)
            columns = frame[["accounts", "not_notified", "notified"]].itertuples(index=False)
            keys = frame.get(key, ["all"])
            return {
                str(key): (one, two, three)
                for key, (one, two, three) in zip(keys, columns, strict=True)
            }

        before = counts(Grouping.CLASS, "class"), counts(Grouping.STRUCTURE, "-")
        erased(services, DATTIER)
        after = counts(Grouping.CLASS, "class"), counts(Grouping.STRUCTURE, "-")
        assert (before[1]["all"], after[1]["all"]) == ((5, 2, 3), (4, 2, 2))
        assert after[0]["CP A"] == before[0]["CP A"]
        for label in ("CE1 B", "Petits"):
            accounts, not_notified, notified = before[0][label]
            assert after[0][label] == (accounts - 1, not_notified, notified - 1)

    def test_it_is_refused_while_a_child_is_enrolled(self, services: Services) -> None:
        before = tables(services.store)
        person = find_person(services.store, NOW, account_id=GENET)
        with pytest.raises(Refused) as refused:
            erase_person(services, person, asker())
        assert "GENET Tom est encore à l'école École 0580189R (CE1 B)." in refused.value.reasons
        assert len(refused.value.reasons) == 3
        assert tables(services.store) == before

    def test_who_was_never_linked_to_a_child_is_erased_too(self, services: Services) -> None:
        with services.store.transaction() as transaction:
            transaction.write("DELETE FROM link WHERE account_id = $1", [DATTIER])
        erased(services, DATTIER, even_if_enrolled=False)
        assert row(services.store, DATTIER)["birth_name"] == ""

    def test_a_school_does_not_erase_who_has_children_elsewhere(self, services: Services) -> None:
        seen = Erasable(GENET, 1, State.NOT_NOTIFIED)
        with pytest.raises(Changed), services.store.transaction() as transaction:
            erase(transaction, SAINT_SULPICE, [seen], DIRECTOR, NOW)
        assert row(services.store, GENET)["birth_name"] == "Genet"

    def test_once_is_enough(self, services: Services) -> None:
        erased(services, DATTIER)
        with pytest.raises(Refused, match="déjà effacées"):
            check_erasable(
                find_person(services.store, NOW, account_id=DATTIER), even_if_enrolled=True
            )

    def test_an_account_that_changed_meanwhile_is_left(self, services: Services) -> None:
        person = find_person(services.store, NOW, account_id=DATTIER)
        change(services.store, DATTIER)
        before = tables(services.store)
        with pytest.raises(Changed):
            erase_person(services, person, asker(), even_if_enrolled=True)
        assert tables(services.store) == before

    def test_the_journal_says_who_did_it_to_administrators_too(self, services: Services) -> None:
        erased(services, DATTIER)
        assert entries(services.store, DATTIER)[-1] == ("ERASE", "NOTIFIED", "NOTIFIED", "")
        told = audit(
            services.store,
            Scope.nation(),
            None,
            AuditFilter(action=Action.ERASE),
            limit=9,
            offset=0,
        )
        [entry] = told
        assert entry.entry.actor == DIRECTOR
        assert entry.entry.text() == "Données de la personne effacées"

    def test_nobody_signs_in_or_is_helped_any_more(self, services: Services) -> None:
        change(services.store, DATTIER, "state", "'ACTIVATED'")
        change(services.store, DATTIER, "password", "'CHOSEN'")
        had(services.store, DATTIER, password=GOOD_PASSWORD)
        identifier = row(services.store, DATTIER)["identifier"]
        access = GuardianAccess(services.store, services.signer)
        access.sign_in(identifier, GOOD_PASSWORD, "192.0.2.1", NOW)
        erased(services, DATTIER)
        with pytest.raises(WrongPassword):
            access.sign_in(identifier, GOOD_PASSWORD, "192.0.2.1", NOW)
        before = services.store.rows("SELECT count(*) FROM message")
        access.send_help(address(DATTIER), NOW)
        assert services.store.rows("SELECT count(*) FROM message") == before


class TestImportAfterwards:
    TODAY = date(2026, 9, 28)

    @pytest.fixture
    def files(self, tmp_path: Path) -> tuple[Path, Path]:
        return write_roster(tmp_path / "roster", [Pupil()], [Parent(email="p@exemple.fr")])

    @pytest.fixture
    def imported(self, store: Store, files: tuple[Path, Path]) -> Services:
        import_roster(store, SULPICE, *files, self.TODAY, name="École A")
        return make_services(store)

    def number(self, store: Store) -> int:
        [(number,)] = store.rows("SELECT min(account_id) FROM account")
        return int(number)

    def test_a_roster_makes_a_new_account_and_leaves_the_erased_one(
        self, imported: Services, files: tuple[Path, Path]
    ) -> None:
        store = imported.store
        number = self.number(store)
        erased(imported, number)
        gone = row(store, number)
        import_roster(store, SULPICE, *files, self.TODAY)
        assert row(store, number) == gone
        scope = PeopleScope.schools(SULPICE)
        [new] = listed_accounts(store, scope, AccountFilter(), Sort(), self.TODAY)
        assert new.account_id != number
        assert new.account.identifier != gone["identifier"]
        assert (new.account.state.value, new.guardian.full_name) == ("NOT_NOTIFIED", "DUPONT Paul")
        assert recorded(store, number)["children"] == []
        again = import_roster(store, SULPICE, *files, self.TODAY)
        assert again.tallies["guardians"].unchanged == 1

    def test_a_list_that_has_the_erased_identifier_is_refused(
        self, imported: Services, tmp_path: Path
    ) -> None:
        store = imported.store
        scope = PeopleScope.schools(SULPICE)
        listed = listed_accounts(store, scope, AccountFilter(), Sort(), self.TODAY)
        file = tmp_path / "comptes.csv"
        file.write_bytes(account_list_csv(listed, file.name).content)
        erased(imported, self.number(store))
        before = tables(store)
        with pytest.raises(Refused, match="ont été effacées"):
            import_accounts(store, file, self.TODAY)
        assert tables(store) == before


class TestCommands:
    @pytest.fixture
    def identifier(self, tmp_path: Path) -> str:
        with connect(tmp_path / "accounts.duckdb") as store:
            families(store)
            return str(row(store, GENET)["identifier"])

    def test_export(self, run: Run, identifier: str, tmp_path: Path) -> None:
        ran = run("person", "export", identifier)
        assert ran.code == 0
        assert json.loads(ran.out)["account"]["birth_name"] == "Genet"
        output = tmp_path / "genet.json"
        assert run("person", "export", "--account-id", GENET, "--output", output).code == 0
        assert json.loads(output.read_bytes())["account"]["identifier"] == identifier
        assert output.stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize("verb", ["export", "erase"])
    def test_one_person_is_asked_for(self, run: Run, identifier: str, verb: str) -> None:
        assert run("person", verb).code == 2
        assert run("person", verb, identifier, "--account-id", 1).code == 2
        assert run("person", verb, "none").code == 1

    def test_erasure_is_confirmed_by_name(self, run: Run, identifier: str) -> None:
        enrolled = run("person", "erase", identifier, "--yes")
        assert (enrolled.code, "encore à l'école" in enrolled.err) == (1, True)
        asked = run("person", "erase", identifier, "--even-if-enrolled")
        assert asked.code == 1
        assert f"GENET Camille ({identifier}, 2 enfants inscrits)" in asked.err
        done = run("person", "erase", identifier, "--even-if-enrolled", "--yes", "--as", "dpo")
        assert (done.code, "effacées" in done.text) == (0, True)
        [*_, last] = json.loads(run("person", "export", identifier).out)["journal"]
        assert (last["action"], last["by"]) == ("ERASE", "personnel")
        assert run("person", "erase", identifier, "--yes").code == 1

    @pytest.mark.parametrize("actor", ["responsable", "import", "durée de conservation"])
    def test_names_that_the_journal_keeps_are_refused(
        self, run: Run, identifier: str, actor: str
    ) -> None:
        ran = run("person", "erase", identifier, "--even-if-enrolled", "--yes", "--as", actor)
        assert (ran.code, "réservé" in ran.err) == (1, True)
