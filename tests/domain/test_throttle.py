"""Whose failures count for whom: the table of what is throttled."""

from datetime import datetime, timedelta

import pytest

from dashboard.domain.credentials import (
    HELP_RULES,
    RESEND_RULES,
    Attempt,
    guardian_subject,
    staff_subject,
)

NOW = datetime(2026, 9, 28, 10, 0)
MANY = 400
STRANGER = Attempt("guardian:7", "home")
KNOWN = Attempt("guardian:7", "home", "phone")


def is_heard(attempt: Attempt, others: Attempt, count: int) -> bool:
    """Whether an attempt is heard after failures of others, an hour apart from the last on."""
    every = timedelta(minutes=3)
    failed = [(one, NOW - n * every) for n in range(count) for one in others.subjects]
    return attempt.locked_until(failed, NOW) is None


@pytest.mark.parametrize(
    ("others", "heard"),
    [
        (Attempt("guardian:7", "home"), False),
        (Attempt("guardian:7", "elsewhere"), False),
        (Attempt("guardian:8", "home"), False),
        (Attempt("guardian:8", "elsewhere"), True),
        (Attempt("guardian:77", "elsewhere"), True),
        (Attempt("staff:7", "elsewhere"), True),
        (Attempt("guardian:7", "home", "phone"), True),
        (Attempt("guardian:7", "home", rules=HELP_RULES), False),
        (Attempt("resend:7", rules=RESEND_RULES), True),
    ],
)
def test_what_keeps_a_stranger_waiting(others: Attempt, heard: bool) -> None:
    assert is_heard(STRANGER, others, MANY) is heard


@pytest.mark.parametrize(
    ("others", "heard"),
    [
        (Attempt("guardian:7", "home"), True),
        (Attempt("guardian:7", "elsewhere"), True),
        (Attempt("guardian:8", "home", "phone"), True),
        (Attempt("guardian:7", "home", "laptop"), True),
        (Attempt("guardian:7", "elsewhere", "phone"), False),
    ],
)
def test_what_keeps_who_is_known_waiting(others: Attempt, heard: bool) -> None:
    assert is_heard(KNOWN, others, MANY) is heard


@pytest.mark.parametrize(
    ("others", "most"),
    [
        (Attempt("guardian:7", "home"), 15),
        (Attempt("guardian:7", "elsewhere"), 25),
        (Attempt("guardian:8", "home"), 300),
    ],
)
def test_how_many_failures_of_a_day_are_heard(others: Attempt, most: int) -> None:
    every = timedelta(minutes=4)

    def heard_after(count: int) -> bool:
        failed = [(one, NOW - n * every) for n in range(1, count + 1) for one in others.subjects]
        return STRANGER.locked_until(failed, NOW + timedelta(hours=1)) is None

    assert heard_after(most - 1)
    assert not heard_after(most)


def test_an_account_is_counted_under_a_name_without_blanks() -> None:
    assert guardian_subject(7) == "guardian:7"
    assert staff_subject("claire") == "staff:claire"
    assert Attempt("resend:7", rules=RESEND_RULES).subjects == ["resend:7"]
    assert STRANGER.subjects == ["guardian:7 home", "home"]
    assert KNOWN.subjects == ["guardian:7 device:phone"]
