"""The report of an action as a file: by names for people, by codes for programs."""

import csv
import io
from datetime import date, datetime

import pytest

from dashboard.domain.account import Account, Origin, State
from dashboard.domain.action import BULK_ACTIONS, Action, Outcome, Report, Result
from dashboard.domain.document import Document
from dashboard.domain.people import Guardian, ListedAccount, Student
from dashboard.outputs.csv_files import french_report, report_csv

AT = datetime(2026, 11, 27, 14, 5, 31)


def listed(name: str, *classes: str) -> ListedAccount:
    children = tuple(
        Student(name, "", f"Enfant {n}", date(2019, 5, 4), "", "CP", label)
        for n, label in enumerate(classes, start=1)
    )
    guardian = Guardian("Mme", name, "", "Ida", "", "")
    account = Account("aaaa-bbbb", Origin.SCHOOL, State.NOTIFIED)
    return ListedAccount("0580189R", "École", guardian, children, account, 7)


def rows(document: Document) -> list[list[str]]:
    text = document.content.decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


REPORT = Report(
    Action.NOTIFY_BY_SHEET,
    (
        Result(listed("Érable", "CP A"), Outcome.DONE),
        Result(listed("=Frêne", "CP A", ""), Outcome.SKIPPED, "compte déjà activé"),
        Result(listed("Gingko", "CE2"), Outcome.FAILED, "courriel : échec de l'envoi"),
    ),
)


def test_people_are_told_by_name_child_and_class() -> None:
    document = french_report(REPORT, ("0580189R",), AT)
    assert document.content.startswith(b"\xef\xbb\xbf")
    assert rows(document) == [
        ["Responsable", "Élève(s)", "Classe(s)", "Identifiant", "Résultat", "Motif"],
        ["ÉRABLE Ida", "ÉRABLE Enfant 1", "CP A", "aaaa-bbbb", "fait", ""],
        [
            "'=FRÊNE Ida",
            "'=FRÊNE Enfant 1, =FRÊNE Enfant 2",
            "CP A, sans classe",
            "aaaa-bbbb",
            "non fait",
            "compte déjà activé",
        ],
        [
            *("GINGKO Ida", "GINGKO Enfant 1", "CE2", "aaaa-bbbb"),
            *("échec", "courriel : échec de l'envoi"),
        ],
    ]


@pytest.mark.parametrize("action", BULK_ACTIONS)
def test_its_name_says_action_schools_and_when(action: Action) -> None:
    name = french_report(Report(action, ()), ("0580189R",), AT).filename
    assert name.isascii()
    assert name.startswith("compte-rendu_")
    assert name.endswith("_0580189R_2026-11-27_1405.csv")


def test_each_action_has_a_name_of_its_own() -> None:
    names = {french_report(Report(one, ()), (), AT).filename for one in BULK_ACTIONS}
    assert len(names) == len(BULK_ACTIONS)
    assert "compte-rendu_notification_2026-11-27_1405.csv" in names


def test_programs_are_told_by_codes() -> None:
    assert rows(report_csv(REPORT, "r.csv"))[:2] == [
        ["account_id", "identifier", "outcome", "reason"],
        ["7", "aaaa-bbbb", "done", ""],
    ]
