"""The list of accounts by plain Python over the raw tables, to compare the store's with."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from dashboard.domain.account import State
from dashboard.domain.filters import AccountFilter, Email, Sort, SortColumn
from dashboard.domain.names import name_key
from dashboard.store.engine import Store

Record = dict[str, Any]


@dataclass(frozen=True)
class Listed:
    """An account and its children in the schools asked for."""

    account: Record
    children: tuple[Record, ...]

    @property
    def number(self) -> int:
        return int(self.account["account_id"])

    @property
    def names(self) -> list[str]:
        """The children's, but of one who is stated without a name."""
        return [child["name_key"] for child in self.children if child["name_key"]]


class Model:
    """Everything stored, as records."""

    def __init__(self, store: Store) -> None:
        self.accounts = {r["account_id"]: r for r in _records(store, "account")}
        self.students = {r["student_id"]: r for r in _records(store, "student")}
        self.stated = {(r["account_id"], r["child_id"]): r for r in _records(store, "stated_child")}
        self.links = _records(store, "link")

    def child(self, link: Record) -> Record:
        """The student whom a link leads to, or the stated child in the class that the link says."""
        number = link["student_id"]
        stated = self.stated.get((link["account_id"], number))
        if stated is None:
            return self.students[number] | {"to_clarify": False}
        unclear = stated["student_id"] is None
        return stated | {"student_id": number, "class": link["class"], "to_clarify": unclear}

    def listed(self, uais: tuple[str, ...], conditions: AccountFilter, today: date) -> list[Listed]:
        children = defaultdict(list)
        for link in self.links:
            if link["left_on"] is None and link["uai"] in uais:
                children[link["account_id"]].append(self.child(link))
        everyone = [
            Listed(
                self.accounts[number],
                tuple(sorted(held, key=lambda c: (c["name_key"], c["student_id"]))),
            )
            for number, held in children.items()
        ]
        return [one for one in everyone if meets(one, conditions, today)]


def _records(store: Store, table: str) -> list[Record]:
    names = [
        name
        for (name,) in store.rows(
            "SELECT column_name FROM information_schema.columns WHERE table_name = $1 "
            "ORDER BY ordinal_position",
            [table],
        )
    ]
    return [dict(zip(names, row, strict=True)) for row in store.rows(f"SELECT * FROM {table}")]


def meets(one: Listed, conditions: AccountFilter, today: date) -> bool:
    account = one.account
    texts = [account["name_key"], *one.names]
    return (
        all(any(word in text for text in texts) for word in name_key(conditions.search).split())
        and (not conditions.classes or any(c["class"] in conditions.classes for c in one.children))
        and (not conditions.states or State(account["state"]) in conditions.states)
        and (
            conditions.email is None or bool(account["email"]) == (conditions.email is Email.KNOWN)
        )
        and (conditions.origin is None or account["origin"] == conditions.origin)
        and (not conditions.expired or _expired(account, today))
        and (not conditions.to_clarify or any(c["to_clarify"] for c in one.children))
    )


def _expired(account: Record, today: date) -> bool:
    if account["state"] != State.NOTIFIED or account["distributed_on"] is None:
        return False
    return bool(three_months_after(account["distributed_on"]) < today)


def three_months_after(day: date) -> date:
    """The same day three months on, or the last day of a month too short to have it."""
    year, month = divmod(day.year * 12 + day.month - 1 + 3, 12)
    for back in range(4):
        try:
            return date(year, month + 1, day.day - back)
        except ValueError:
            continue
    raise AssertionError(day)


def ordered(found: list[Listed], sort: Sort) -> list[int]:
    """The account numbers in the order asked for; empty cells last, then by student, guardian."""
    found = sorted(found, key=lambda o: (_first(o), o.account["name_key"], o.number))
    found.sort(key=lambda one: _cell(one, sort.column), reverse=sort.descending)
    found.sort(key=lambda one: _cell(one, sort.column) in ("", NO_DATE))
    return [one.number for one in found]


def _first(one: Listed) -> tuple[bool, str]:
    return not one.names, min(one.names, default="")


NO_DATE = date.min + timedelta(days=1)


def _cell(one: Listed, column: SortColumn) -> Any:
    match column:
        case SortColumn.STUDENTS:
            return min(one.names, default="")
        case SortColumn.CLASSES:
            return min(child["class"].lower() for child in one.children) + " "
        case SortColumn.GUARDIAN:
            return one.account["name_key"]
        case SortColumn.STATE:
            return list(State).index(one.account["state"])
        case SortColumn.DISTRIBUTED_ON | SortColumn.LAST_ACCESS_ON:
            return one.account[column.value] or NO_DATE
        case _:
            return one.account[column.value]
