"""Guardians whose child cannot be told: imported, seen, counted, worked on, and told later."""

from collections.abc import Callable, Sequence
from datetime import date, datetime
from pathlib import Path

import pandas as pd
import pytest

from dashboard.actions.batch import Asker
from dashboard.actions.clarify import clarify, who_it_may_be
from dashboard.actions.figures import statistics
from dashboard.actions.import_accounts import import_accounts
from dashboard.actions.import_roster import ImportReport, import_roster
from dashboard.actions.list_accounts import ListFormat, list_accounts
from dashboard.actions.privacy import check_erasable
from dashboard.domain.account import State
from dashboard.domain.action import Action
from dashboard.domain.errors import Refused
from dashboard.domain.filters import AccountFilter, Sort
from dashboard.domain.people import ListedAccount
from dashboard.domain.scope import ActingScope, Area, OwnAccount, PeopleScope, Scope
from dashboard.domain.stated import OUTSIDE, StatedChild, Why
from dashboard.pipelines.snapshots import anonymous
from dashboard.store.account_detail import account_detail
from dashboard.store.accounts import classes, count_accounts, listed_accounts
from dashboard.store.engine import MEMORY, Changed, Store, connect
from dashboard.store.journal import history
from dashboard.store.privacy import Erasable, erase, erase_students, personal_file
from dashboard.store.snapshots import read_tables
from dashboard.wording.snapshot import TABLES
from tests.actions.services import pages, prepared, print_sheets
from tests.actions.stored import BEZE, SULPICE, TODAY, listed, tables
from tests.extractions import Kid, Parent, Pupil, write_roster
from tests.store.test_invariants import OFFENDERS

HERE, EVERYWHERE = ActingScope.schools(SULPICE), ActingScope(Area.NATION)
NOW = datetime(2026, 9, 28, 10, 30)
ASKER = Asker("Directrice", NOW)
ELDER = Pupil("HOUX", "Iris", "01/02/2018", "CP lune", "CP")
YOUNGER = Pupil("HOUX", "Iris", "11/10/2018", "CP lune", "CP")
LILA = Pupil("TILLEUL", "Lila", "02/03/2020", "MS", "MS")
IRIS = Kid("HOUX", "Iris", "CP lune")
# One of two homonyms, none at all, absent, and one told beside one absent.
MOTHER = Parent("HOUX", "Jade", [IRIS], "Mme")
CHILDLESS = Parent("BREZIL", "Ivan", [], "M.")
OF_ABSENT = Parent("MELEZE", "Nour", [Kid("MELEZE", "Sam", "MS")], "Mme")
OF_BOTH = Parent("TILLEUL", "Max", [Kid("TILLEUL", "Lila", "MS"), Kid("TILLEUL", "Lou", "CE1")])
PUPILS, PARENTS = [ELDER, YOUNGER, LILA], [MOTHER, CHILDLESS, OF_ABSENT, OF_BOTH]
EVERYONE = {"HOUX Jade", "BREZIL Ivan", "MELEZE Nour", "TILLEUL Max"}
TO_CLARIFY = AccountFilter(to_clarify=True)

Bring = Callable[..., ImportReport]


@pytest.fixture
def bring(store: Store, tmp_path: Path) -> Bring:
    def bring(
        pupils: Sequence[Pupil] = PUPILS,
        parents: Sequence[Parent] = PARENTS,
        uai: str = SULPICE,
        today: date = TODAY,
    ) -> ImportReport:
        files = write_roster(tmp_path / "files", pupils, parents)
        return import_roster(store, uai, *files, today)

    return bring


def account(store: Store, name: str, uai: str = SULPICE) -> ListedAccount:
    [found] = [one for one in listed(store, uai) if one.guardian.full_name == name]
    return found


def stated(store: Store, name: str) -> tuple[StatedChild, ...]:
    """All that the account of a guardian states, settled or not."""
    detail = account_detail(store, HERE, account(store, name).account_id, TODAY)
    assert detail is not None
    return detail.stated


def names(store: Store, conditions: AccountFilter) -> set[str]:
    found = listed_accounts(store, HERE, conditions, Sort(), TODAY)
    assert count_accounts(store, HERE, conditions, TODAY) == len(found)
    return {one.guardian.full_name for one in found}


def offenders(store: Store) -> list[str]:
    return [name for name, sql in OFFENDERS.items() if store.rows(sql)]


def number_of(store: Store, pupil: Pupil) -> int:
    day = date(int(pupil.born_on[6:]), int(pupil.born_on[3:5]), int(pupil.born_on[:2]))
    [(number,)] = store.rows(
        "SELECT student_id FROM student WHERE first_name = $1 AND born_on = $2",
        [pupil.first_name, day],
    )
    return int(number)


def settle(store: Store, name: str, student: int, place: int = 0) -> None:
    clarify(store, HERE, account(store, name), stated(store, name)[place], student, ASKER)


@pytest.mark.parametrize("said", ["elder", "outside"])
def test_a_namesake_who_stays_is_not_the_child_that_was_said_to_be_another(
    store: Store, bring: Bring, said: str
) -> None:
    bring()
    settle(store, "HOUX Jade", number_of(store, ELDER) if said == "elder" else OUTSIDE)
    report = bring([YOUNGER, LILA])
    assert account(store, "HOUX Jade").students == ()
    assert all(one.adds_up for one in report.rows.values())
    assert offenders(store) == []
    was = tables(store)
    bring([YOUNGER, LILA])
    assert tables(store) == was
    bring([ELDER, YOUNGER, LILA])
    assert account(store, "HOUX Jade").students == ()
    settle(store, "HOUX Jade", number_of(store, YOUNGER))
    bring([YOUNGER, LILA])
    assert account(store, "HOUX Jade").child_names == ["HOUX Iris"]


class TestSeen:
    def test_every_guardian_is_listed_with_what_the_file_states(
        self, store: Store, bring: Bring
    ) -> None:
        bring()
        assert {a.guardian.full_name: a.child_names for a in listed(store)} == {
            "HOUX Jade": ["HOUX Iris (à préciser)"],
            "BREZIL Ivan": ["enfant (à préciser)"],
            "MELEZE Nour": ["MELEZE Sam (à préciser)"],
            "TILLEUL Max": ["TILLEUL Lila", "TILLEUL Lou (à préciser)"],
        }
        assert offenders(store) == []

    def test_why_is_kept(self, store: Store, bring: Bring) -> None:
        bring()
        assert {name: [c.why for c in stated(store, name)] for name in EVERYONE} == {
            "HOUX Jade": [Why.SEVERAL],
            "BREZIL Ivan": [Why.NONE],
            "MELEZE Nour": [Why.ABSENT],
            "TILLEUL Max": [Why.ABSENT],
        }

    def test_the_filter_finds_them_and_search_does_by_either_name(
        self, store: Store, bring: Bring
    ) -> None:
        bring(PUPILS, [*PARENTS, Parent("TILLEUL", "Ada", [Kid("TILLEUL", "Lila", "MS")], "Mme")])
        assert names(store, TO_CLARIFY) == EVERYONE
        assert names(store, AccountFilter(search="sam")) == {"MELEZE Nour"}
        assert names(store, AccountFilter(search="brezil")) == {"BREZIL Ivan"}
        assert names(store, AccountFilter(search="lou", to_clarify=True)) == {"TILLEUL Max"}

    def test_a_child_is_of_the_class_that_all_whom_it_may_be_are_in(
        self, store: Store, bring: Bring
    ) -> None:
        bring()
        assert names(store, AccountFilter(classes=("CP lune",))) == {"HOUX Jade"}
        assert names(store, AccountFilter(classes=("MS",))) == {"MELEZE Nour", "TILLEUL Max"}
        assert names(store, AccountFilter(classes=("",))) == {"BREZIL Ivan", "TILLEUL Max"}
        assert classes(store, HERE) == ["", "CP lune", "MS"]

    def test_they_count_once_and_no_student_comes_of_them(self, store: Store, bring: Bring) -> None:
        bring()
        scope = Scope.schools(SULPICE)
        whole = statistics(store, scope, "structure")
        assert (whole["accounts"].item(), whole["students_covered_pct"].item()) == (4, 0)
        by_class = statistics(store, scope, "class").set_index("class")["accounts"].to_dict()
        assert by_class == {"MS": 2, "CP lune": 1, "": 2}
        [(students,)] = store.rows("SELECT count(*) FROM student")
        assert students == 3

    def test_they_get_sheets_in_the_class_that_is_known(self, store: Store, bring: Bring) -> None:
        bring()
        report = print_sheets(store, prepared(store, Action.NOTIFY_BY_SHEET, scope=HERE))
        printed = pages(report.sheets)
        order = ["MELEZE Nour", "TILLEUL Max", "HOUX Jade", "BREZIL Ivan"]
        assert [name in page for name, page in zip(order, printed, strict=True)] == [True] * 4
        assert "MELEZE Sam" in printed[0]

    def test_their_holder_is_given_what_is_stated(self, store: Store, bring: Bring) -> None:
        bring()
        number = account(store, "MELEZE Nour").account_id
        held = personal_file(store, OwnAccount(number), NOW)
        assert held is not None
        assert [(child.first_name, child.class_label) for child in held.enrolled] == [("Sam", "MS")]


class TestReported:
    def test_the_rows_add_up(self, bring: Bring) -> None:
        report = bring(PUPILS, [*PARENTS, MOTHER._replace(email="j@x.example")])
        assert all(rows.adds_up for rows in report.rows.values())
        lines = report.lines()
        assert lines[2] == (
            "responsables : 5 lus = 1 créé + 0 modifié + 0 inchangé + 0 réuni + 4 à préciser "
            "+ 0 écarté ; 0 parti"
        )
        assert lines[3] == (
            "rattachements : 5 lus = 1 créé + 0 modifié + 0 inchangé + 0 réuni + 4 à préciser "
            "+ 0 écarté ; 0 parti"
        )
        assert "4 enfants, et 4 responsables sans élève reconnu" in lines[4]

    def test_nothing_to_clarify_is_not_said(self, bring: Bring) -> None:
        kids = [Kid("TILLEUL", "Lila", "MS")]
        lines = bring([LILA], [OF_BOTH._replace(kids=kids)]).lines()
        assert not any(line.startswith("à préciser") for line in lines)

    def test_each_is_warned_of_by_line(self, bring: Bring) -> None:
        said = [str(warning) for warning in bring().warnings]
        assert any("ligne 3" in one and "aucun enfant sur cette ligne" in one for one in said)
        assert sum("enfant à préciser" in one for one in said) == 4


class TestImportedAgain:
    def test_the_same_files_change_nothing(self, store: Store, bring: Bring) -> None:
        bring()
        before = tables(store)
        report = bring()
        assert tables(store) == before
        assert report.rows["guardians"].to_clarify == 3
        assert report.rows["guardians"].unchanged == 1

    def test_homonyms_without_child_or_contact_stay_two(self, store: Store, bring: Bring) -> None:
        for _ in range(2):
            bring(PUPILS, [CHILDLESS, CHILDLESS])
        assert store.rows("SELECT count(*) FROM account") == [(2,)]
        assert len(listed(store)) == 2

    def test_a_file_that_tells_the_child_opens_the_link(self, store: Store, bring: Bring) -> None:
        bring()
        before = account(store, "HOUX Jade")
        report = bring([YOUNGER, LILA])
        after = account(store, "HOUX Jade")
        assert after.account == before.account
        assert (after.student_names, after.stated) == (["HOUX Iris"], ())
        assert report.rows["links"].created == 1
        assert offenders(store) == []

    def test_a_file_that_does_not_tell_the_child_any_more_keeps_the_account(
        self, store: Store, bring: Bring
    ) -> None:
        bring([YOUNGER, LILA])
        before = account(store, "HOUX Jade")
        bring()
        after = account(store, "HOUX Jade")
        assert after.account == before.account
        assert (after.students, [c.why for c in after.stated]) == ((), [Why.SEVERAL])

    def test_a_child_named_later_completes_the_row(self, store: Store, bring: Bring) -> None:
        bring()
        before = account(store, "BREZIL Ivan")
        kids = [Kid("TILLEUL", "Lila", "MS")]
        bring(PUPILS, [MOTHER, CHILDLESS._replace(kids=kids), OF_ABSENT, OF_BOTH])
        after = account(store, "BREZIL Ivan")
        assert (after.account, after.child_names) == (before.account, ["TILLEUL Lila"])

    def test_a_corrected_spelling_keeps_the_account_and_what_was_said(
        self, store: Store, bring: Bring
    ) -> None:
        mother = MOTHER._replace(email="jade@x.example")
        bring(PUPILS, [mother, *PARENTS[1:]])
        settle(store, "HOUX Jade", number_of(store, ELDER))
        before = account(store, "HOUX Jade")
        bring(PUPILS, [mother._replace(name="HUOX"), *PARENTS[1:]])
        after = account(store, "HUOX Jade")
        assert after.account == before.account
        assert after.students == before.students

    def test_a_missing_guardian_leaves_with_what_was_stated(
        self, store: Store, bring: Bring
    ) -> None:
        bring()
        report = bring(PUPILS, [OF_BOTH])
        assert {a.guardian.full_name for a in listed(store)} == {"TILLEUL Max"}
        assert report.rows["guardians"].left == 3
        assert report.rows["links"].left == 0
        assert offenders(store) == []

    def test_who_comes_back_is_the_same(self, store: Store, bring: Bring) -> None:
        bring()
        before = account(store, "MELEZE Nour")
        bring(PUPILS, [OF_BOTH])
        bring()
        assert account(store, "MELEZE Nour").account == before.account

    def test_a_guardian_known_elsewhere_is_one_account(self, store: Store, bring: Bring) -> None:
        mother = OF_ABSENT._replace(email="nour@x.example")
        bring([LILA], [mother])
        bring([ELDER], [mother], BEZE)
        assert account(store, "MELEZE Nour").account == account(store, "MELEZE Nour", BEZE).account


class TestClarified:
    def test_the_likeliest_students_are_offered_first(self, store: Store, bring: Bring) -> None:
        bring()
        found = who_it_may_be(
            store, HERE, account(store, "HOUX Jade"), stated(store, "HOUX Jade")[0]
        )
        assert [one.student_id for one in found[:2]] == [
            number_of(store, ELDER),
            number_of(store, YOUNGER),
        ]
        assert len(found) == 3

    def test_the_link_leads_to_the_chosen_student(self, store: Store, bring: Bring) -> None:
        bring()
        settle(store, "HOUX Jade", number_of(store, YOUNGER))
        jade = account(store, "HOUX Jade")
        assert [child.born_on for child in jade.students] == [date(2018, 10, 11)]
        assert jade.stated == ()
        assert names(store, TO_CLARIFY) == EVERYONE - {"HOUX Jade"}
        entry = history(store, HERE, jade.account_id)[0]
        assert (entry.actor, entry.action) == ("Directrice", Action.CLARIFY)
        assert offenders(store) == []

    @pytest.mark.parametrize("name", sorted(EVERYONE))
    def test_the_choice_outlives_the_next_import(
        self, store: Store, bring: Bring, name: str
    ) -> None:
        bring()
        settle(store, name, number_of(store, ELDER))
        before = tables(store)
        report = bring()
        assert tables(store) == before
        assert all(rows.adds_up for rows in report.rows.values())
        assert name not in names(store, TO_CLARIFY)

    @pytest.mark.parametrize("name", sorted(EVERYONE))
    def test_a_child_of_no_school_here_stays_in_reach(
        self, store: Store, bring: Bring, name: str
    ) -> None:
        bring()
        settle(store, name, OUTSIDE)
        assert name not in names(store, TO_CLARIFY)
        assert name in names(store, AccountFilter())
        before = tables(store)
        report = bring()
        assert tables(store) == before
        assert all(rows.adds_up for rows in report.rows.values())
        assert offenders(store) == []

    def test_another_choice_takes_the_place_of_the_first(self, store: Store, bring: Bring) -> None:
        bring()
        settle(store, "HOUX Jade", number_of(store, ELDER))
        settle(store, "HOUX Jade", OUTSIDE)
        assert account(store, "HOUX Jade").child_names == ["HOUX Iris (hors de l'école)"]
        settle(store, "HOUX Jade", number_of(store, YOUNGER))
        born = [child.born_on for child in account(store, "HOUX Jade").students]
        assert born == [date(2018, 10, 11)]
        before = tables(store)
        bring()
        assert tables(store) == before

    def test_another_choice_leaves_the_link_that_the_files_made(
        self, store: Store, bring: Bring
    ) -> None:
        bring()
        settle(store, "TILLEUL Max", number_of(store, LILA))
        settle(store, "TILLEUL Max", OUTSIDE)
        assert account(store, "TILLEUL Max").child_names == ["TILLEUL Lila"]

    def test_two_children_of_no_school_here_keep_one_place(
        self, store: Store, bring: Bring
    ) -> None:
        kids = [Kid("MELEZE", "Sam", "MS"), Kid("MELEZE", "Kim", "MS")]
        parents = [OF_ABSENT._replace(kids=kids)]
        bring(PUPILS, parents)
        settle(store, "MELEZE Nour", OUTSIDE, 1)
        settle(store, "MELEZE Nour", OUTSIDE, 0)
        assert len(account(store, "MELEZE Nour").stated) == 1
        before = tables(store)
        bring(PUPILS, parents)
        assert tables(store) == before

    def test_once_the_chosen_student_has_left_the_child_is_to_be_clarified_again(
        self, store: Store, bring: Bring
    ) -> None:
        bring()
        settle(store, "MELEZE Nour", number_of(store, YOUNGER))
        bring([ELDER, LILA])
        assert "MELEZE Nour" in names(store, TO_CLARIFY)

    def test_a_student_of_another_school_is_refused(self, store: Store, bring: Bring) -> None:
        bring()
        bring([Pupil("IF", "Zita", "01/01/2019", "CP", "CP")], [Parent("IF", "Jo", [])], BEZE)
        [(foreign,)] = store.rows("SELECT student_id FROM student WHERE first_name = 'Zita'")
        before = tables(store)
        with pytest.raises(Refused, match="n'est plus, dans l'école"):
            settle(store, "HOUX Jade", foreign)
        assert tables(store) == before

    def test_an_account_out_of_the_director_s_schools_is_out_of_reach(
        self, store: Store, bring: Bring
    ) -> None:
        bring()
        jade, child = account(store, "HOUX Jade"), stated(store, "HOUX Jade")[0]
        before = tables(store)
        with pytest.raises(Changed):
            clarify(store, ActingScope.schools(BEZE), jade, child, OUTSIDE, ASKER)
        assert tables(store) == before

    def test_two_directors_do_not_answer_over_each_other(self, store: Store, bring: Bring) -> None:
        bring()
        jade, child = account(store, "HOUX Jade"), stated(store, "HOUX Jade")[0]
        clarify(store, HERE, jade, child, number_of(store, ELDER), ASKER)
        before = tables(store)
        with pytest.raises(Changed):
            clarify(store, HERE, jade, child, number_of(store, YOUNGER), ASKER)
        assert tables(store) == before


def as_csv(store: Store) -> bytes:
    scope = PeopleScope.schools(SULPICE)
    document = list_accounts(store, scope, AccountFilter(), Sort(), NOW, ListFormat.CSV)
    return document.content


def test_a_list_read_back_is_the_same_list(store: Store, bring: Bring, tmp_path: Path) -> None:
    bring()
    settle(store, "MELEZE Nour", OUTSIDE)
    written = as_csv(store)
    file = tmp_path / "comptes.csv"
    file.write_bytes(written)
    with connect(MEMORY) as other:
        import_accounts(other, file, TODAY)
        assert as_csv(other) == written
        assert names(other, TO_CLARIFY) == EVERYONE - {"MELEZE Nour"}
        before = tables(other)
        assert import_accounts(other, file, TODAY).unchanged == 4
        assert tables(other) == before


def test_the_pdf_lists_them(store: Store, bring: Bring) -> None:
    bring()
    scope = PeopleScope.schools(SULPICE)
    found = list_accounts(store, scope, TO_CLARIFY, Sort(), NOW, ListFormat.PDF)
    assert found.content.startswith(b"%PDF")


class TestForgotten:
    def test_an_erased_account_says_no_child_s_name(self, store: Store, bring: Bring) -> None:
        bring()
        person = personal_file(store, OwnAccount(account(store, "MELEZE Nour").account_id), NOW)
        assert person is not None
        with pytest.raises(Refused, match="MELEZE Sam est encore"):
            check_erasable(person, even_if_enrolled=False)
        one = Erasable(person.holder.account_id, person.holder.version, State.NOT_NOTIFIED)
        with store.transaction() as transaction:
            erase(transaction, EVERYWHERE, [one], "op", NOW)
        assert "Sam" not in str(tables(store))
        assert offenders(store) == []

    def test_names_of_children_that_nothing_leads_to_go_in_time(
        self, store: Store, bring: Bring
    ) -> None:
        bring()
        settle(store, "MELEZE Nour", number_of(store, YOUNGER))
        kept = [Kid("TILLEUL", "Lila", "MS")]
        bring(PUPILS, [OF_ABSENT, OF_BOTH._replace(kids=kept)])
        with store.transaction() as transaction:
            erase_students(transaction, EVERYWHERE, date(2027, 9, 29))
        stated = store.rows("SELECT first_name FROM stated_child WHERE name_key <> ''")
        assert stated == [("Sam",)]
        before = tables(store)
        bring(PUPILS, [OF_ABSENT, OF_BOTH._replace(kids=kept)])
        assert tables(store) == before


def test_a_snapshot_counts_them(store: Store, bring: Bring) -> None:
    bring()
    read = read_tables(store)
    read["publication"] = pd.DataFrame({"secret": ["x"]})
    read["tallies"] = pd.DataFrame(columns=list(TABLES["tallies"]))
    found, _ = anonymous(read, lambda kind, number: f"{kind}{number}", 1, TODAY)
    assert len(found["accounts"]) == 4
    links = found["links"].set_index("account")
    assert links["student"].isna().sum() == 4
    assert set(links.loc[links["student"].isna(), "class"]) == {""}
