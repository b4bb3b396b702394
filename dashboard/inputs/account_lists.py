"""The list of accounts that this program exports, read back."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import TypeVar

from dashboard.domain.account import Account, Origin, State
from dashboard.domain.directory import normal_uai
from dashboard.domain.document import unshield
from dashboard.domain.enrolment import UNKNOWN_LEVEL, parse_level
from dashboard.domain.names import clean, name_key
from dashboard.domain.people import Guardian, ListedAccount, Student
from dashboard.domain.problem import Problems
from dashboard.domain.stated import OUTSIDE, SAID_OUTSIDE, StatedChild, Why
from dashboard.inputs.columns import Column, Row, locate, missing, parse_civility
from dashboard.inputs.onde import read_contacts
from dashboard.inputs.textfile import Unreadable, read_rows
from dashboard.wording.account_columns import CHILD, DETAILS, LISTING, STATED

_T = TypeVar("_T")
_SHOWN_ONLY = ("students", "classes", "guardian")
_OPTIONAL = ("school", "civility", "usage_name", "mobile", "email")
_ACCOUNT = {
    key: Column(name, required=key not in _OPTIONAL)
    for key, name in (LISTING | DETAILS).items()
    if key not in _SHOWN_ONLY
}
_STATES = {name_key(name): state for state in State for name in (state.label, state.value)}
_ORIGINS = {name_key(name): origin for origin in Origin for name in (origin.label, origin.value)}
_WHYS = {name_key(name): why for why in Why for name in (why.label, why.value)}
_LONGEST_IDENTIFIER = 64
# For each numbered child, its columns and their places.
_Groups = Sequence[Mapping[str, tuple[Column, int]]]


def read_account_list(path: Path, problems: Problems, today: date) -> list[ListedAccount]:
    """The accounts of a list; what is wrong with it is noted in `problems`."""
    try:
        rows = read_rows(path, problems)
        _, header = next(rows, (0, []))
        places = locate(header, _ACCOUNT)
        lacking = missing(places, _ACCOUNT)
        if lacking:
            problems.error(
                f"colonnes manquantes : {', '.join(lacking)}. Attendu : la liste des comptes "
                "au format CSV telle que ce programme l'exporte."
            )
            return []
        groups, stated = _child_columns(header, CHILD), _child_columns(header, STATED)
        read = (
            _account(
                [unshield(cell) for cell in cells], line, places, groups, stated, problems, today
            )
            for line, cells in rows
        )
        accounts = [account for account in read if account is not None]
    except Unreadable as error:
        problems.error(str(error))
        return []
    _refuse_repeated(accounts, problems)
    return accounts


def _child_columns(header: list[str], names: Mapping[str, str]) -> _Groups:
    groups = []
    for number in range(1, len(header) // len(names) + 1):
        columns = {key: Column(f"{name} {number}") for key, name in names.items()}
        places = locate(header, columns)
        if missing(places, columns):
            break
        groups.append({key: (columns[key], place) for key, place in places.items()})
    return groups


def _account(
    cells: list[str],
    line: int,
    places: Mapping[str, int],
    groups: _Groups,
    stated_groups: _Groups,
    problems: Problems,
    today: date,
) -> ListedAccount | None:
    row = Row(line, cells, places, _ACCOUNT, problems)
    uai = _uai(row)
    identifier = row.required("identifier", "identifiant").lower()
    if len(identifier) > _LONGEST_IDENTIFIER:
        row.error("identifier", f"plus de {_LONGEST_IDENTIFIER} caractères.")
    origin = _one_of(row, "origin", _ORIGINS, [origin.label for origin in Origin])
    state = _one_of(row, "state", _STATES, [state.label for state in State])
    distributed_on = row.date("distributed_on", today)
    last_access_on = row.date("last_access_on", today)
    _check_dates(row, state, distributed_on)
    guardian = _guardian(row)
    students = [_student(line, cells, group, problems, today) for group in groups]
    named = [student for student in students if student is not None]
    stated = [_stated(line, cells, group, problems, today) for group in stated_groups]
    if row.is_valid and not (named or any(stated)):
        problems.error("aucun élève pour ce compte.", line, CHILD["birth_name"] + " 1")
        return None
    if not row.is_valid or origin is None or state is None:
        return None
    return ListedAccount(
        uai,
        row.text("school"),
        guardian,
        tuple(named),
        Account(identifier, origin, state, distributed_on, last_access_on),
        line=line,
        stated=tuple(child for child in stated if child is not None),
    )


def _uai(row: Row) -> str:
    try:
        return normal_uai(row.text("uai"))
    except ValueError as error:
        row.error("uai", str(error))
        return ""


def _one_of(row: Row, key: str, values: Mapping[str, _T], expected: list[str]) -> _T | None:
    value = values.get(name_key(row.text(key)))
    if value is None:
        row.error(key, f"« {row.text(key)} » inconnu. Attendu : {', '.join(expected)}.")
    return value


def _check_dates(row: Row, state: State | None, distributed_on: date | None) -> None:
    if state is State.NOT_NOTIFIED and distributed_on is not None:
        row.error("distributed_on", f"un compte {state.label} n'a pas de date de distribution.")
    if state is State.NOTIFIED and distributed_on is None and not row.raw("distributed_on"):
        row.error("distributed_on", f"un compte {state.label} a une date de distribution.")


def _guardian(row: Row) -> Guardian:
    birth_name, usage_name = row.text("birth_name"), row.text("usage_name")
    if not (birth_name or usage_name):
        row.error("birth_name", "nom manquant.")
    email, mobile = read_contacts(row)
    civility = parse_civility(row.text("civility"))
    first_name = row.text("first_name")
    return Guardian(civility, birth_name, usage_name, first_name, email, mobile, (), row.line)


def _student(
    line: int,
    cells: list[str],
    group: Mapping[str, tuple[Column, int]],
    problems: Problems,
    today: date,
) -> Student | None:
    row = _group_row(line, cells, group, problems)
    if row is None:
        return None
    birth_name = row.required("birth_name", "nom de l'élève")
    first_name = row.required("first_name", "prénom de l'élève")
    born_on, level = row.date("born_on", today), _level(row)
    return Student(
        birth_name, row.text("usage_name"), first_name, born_on, "", level, row.text("class"), line
    )


def _stated(
    line: int,
    cells: list[str],
    group: Mapping[str, tuple[Column, int]],
    problems: Problems,
    today: date,
) -> StatedChild | None:
    row = _group_row(line, cells, group, problems)
    if row is None:
        return None
    why = _one_of(row, "why", _WHYS, [why.label for why in Why])
    if why is not None and why is not Why.NONE:
        row.required("first_name", "prénom de l'enfant")
    return StatedChild(
        row.text("birth_name"),
        row.text("usage_name"),
        row.text("first_name"),
        row.date("born_on", today),
        row.text("stated_class"),
        why or Why.NONE,
        row.text("class"),
        _level(row),
        OUTSIDE if name_key(row.text("said")) == name_key(SAID_OUTSIDE) else None,
    )


def _group_row(
    line: int, cells: list[str], group: Mapping[str, tuple[Column, int]], problems: Problems
) -> Row | None:
    """The cells of one of a row's children; ``None`` if they are all empty."""
    if not any(clean(cells[place]) for _, place in group.values() if place < len(cells)):
        return None
    columns = {key: column for key, (column, _) in group.items()}
    places = {key: place for key, (_, place) in group.items()}
    return Row(line, cells, places, columns, problems)


def _level(row: Row) -> str:
    try:
        return parse_level(row.text("level"))
    except ValueError as error:
        row.error("level", str(error))
        return UNKNOWN_LEVEL


def _refuse_repeated(accounts: list[ListedAccount], problems: Problems) -> None:
    """An identifier stands once in each school's list."""
    seen: dict[tuple[str, str], list[int]] = defaultdict(list)
    for account in accounts:
        lines = seen[account.uai, account.account.identifier]
        if lines:
            problems.error(
                f"identifiant {account.account.identifier} déjà à la ligne {lines[0]}.",
                account.line,
                LISTING["identifier"],
            )
        lines.append(account.line)
