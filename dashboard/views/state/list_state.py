"""What one user is looking at: the state behind the screen, and its form as an address."""

from collections.abc import Collection, Mapping, Sequence, Set
from enum import StrEnum
from typing import TypeVar
from urllib.parse import parse_qs, urlencode

import param

from dashboard.domain.account import Origin, State
from dashboard.domain.directory import normal_uai
from dashboard.domain.filters import AccountFilter, Email, Sort
from dashboard.domain.names import clean
from dashboard.views.state.inspector_state import InspectorState

_E = TypeVar("_E", bound=StrEnum)
_LONGEST_QUERY = 20_000
_LONGEST_SEARCH = 200
_LONGEST_NUMBER = 15
_LONGEST_SHOWN = 40
# What an address asks of the school that it names.
_OF_SCHOOL = frozenset({"q", "class", "state", "email", "origin", "expired", "page", "account"})
# The values that its filters have; an empty one is no filter.
_KNOWN: Mapping[str, Set[str]] = {
    "state": {"", *State},
    "email": {"", *Email},
    "origin": {"", *Origin},
    "expired": {"", "0", "1"},
}


class Tab(StrEnum):
    """The tabs, by the names that addresses have for them; the label is on the screen."""

    HOME = "accueil"
    GUARDIANS = "responsables"
    STATISTICS = "statistiques"
    JOURNAL = "journal"
    USERS = "utilisateurs"

    @property
    def label(self) -> str:
        return self.value.capitalize()


class ListState(param.Parameterized):
    """The school, tab, filters, order, page and selection of one user."""

    school: str = param.String("", doc="UAI of the chosen school; empty before a choice.")
    tab: Tab = param.ClassSelector(class_=Tab, default=Tab.HOME)
    conditions: AccountFilter = param.ClassSelector(class_=AccountFilter, default=AccountFilter())
    sort: Sort = param.ClassSelector(class_=Sort, default=Sort())
    page: int = param.Integer(1, bounds=(1, None))
    selection: frozenset[int] = param.ClassSelector(class_=frozenset, default=frozenset())
    account: int = param.Integer(0, bounds=(0, None), doc="The account that is open; 0 for none.")
    inspector: InspectorState = param.ClassSelector(class_=InspectorState, default=InspectorState())
    notices: tuple[str, ...] = param.ClassSelector(
        class_=tuple, default=(), doc="What a link led to in vain."
    )

    ADDRESSED = ("school", "tab", "conditions", "sort", "page", "account", "inspector")

    def choose_school(self, uai: str) -> None:
        """Go to a school; filters and selection are those of a school, so they start anew."""
        if uai != self.school:
            self.param.update(
                school=uai,
                conditions=AccountFilter(),
                page=1,
                selection=frozenset(),
                account=0,
                notices=(),
            )

    def filter(self, conditions: AccountFilter) -> None:
        """Narrow the list; it starts again at its first page, the selection stays."""
        if conditions != self.conditions:
            self.param.update(conditions=conditions, page=1)

    def order(self, sort: Sort) -> None:
        """Sort the list; it starts again at its first page."""
        if sort != self.sort:
            self.param.update(sort=sort, page=1)

    def select(self, shown: Collection[int], chosen: Collection[int]) -> None:
        """Of the accounts shown, exactly those chosen are selected; others stay as they are."""
        self.selection = (self.selection - frozenset(shown)) | frozenset(chosen)

    def deselect(self, accounts: Collection[int]) -> None:
        """Select these no longer."""
        self.selection = self.selection - frozenset(accounts)

    def query(self, account: int | None = None) -> str:
        """The address's query for this state, ``""`` or from ``?`` on; defaults are left out.

        With `account`, that of the same list with this account open.
        """
        seen = self.conditions
        opened = self.account if account is None else account
        pairs = [
            ("school", self.school),
            ("tab", "" if self.tab is Tab.HOME else self.tab.value),
            ("q", seen.search),
            *(("class", label) for label in seen.classes),
            *(("state", state.value) for state in seen.states),
            ("email", seen.email.value if seen.email else ""),
            ("origin", seen.origin.value if seen.origin else ""),
            ("expired", "1" if seen.expired else ""),
            ("clarify", "1" if seen.to_clarify else ""),
            ("sort", "" if self.sort == Sort() else str(self.sort)),
            ("page", "" if self.page == 1 else str(self.page)),
            ("account", str(opened) if opened else ""),
            *self.inspector.pairs(),
        ]
        said = urlencode([(name, value) for name, value in pairs if value or name == "class"])
        return f"?{said}" if said else ""

    def unclear_address(self) -> str:
        """The address's query for the school's accounts with a child to be clarified."""
        pairs = {"school": self.school, "tab": Tab.GUARDIANS.value, "clarify": "1"}
        return f"?{urlencode(pairs)}"

    def go_to(self, query: str, schools: Collection[str]) -> None:
        """Go where an address leads; what it says wrongly, or of other schools, becomes a notice.

        Who has a single school is there whatever the address says; what it asks of another is not
        asked of theirs. A notice tells nothing of whether there is such a school.
        """
        said = parse_qs(query[:_LONGEST_QUERY].lstrip("?"), keep_blank_values=True)
        first = {name: values[0] for name, values in said.items()}
        asked = _uai(first.get("school", ""))
        school = next(iter(schools)) if len(schools) == 1 else ""
        school = asked if asked in schools else school
        notices = _unread_filters(said)
        if asked not in {"", *schools}:
            notices = [_not_accessible(asked)]
            said = {name: values for name, values in said.items() if name not in _OF_SCHOOL}
            first = {name: values[0] for name, values in said.items()}
        self.param.update(
            school=school,
            tab=_member(Tab, first.get("tab")) or Tab.HOME,
            conditions=AccountFilter(
                search=first.get("q", "")[:_LONGEST_SEARCH],
                classes=tuple(said.get("class", ())),
                states=tuple(s for name in said.get("state", ()) if (s := _member(State, name))),
                email=_member(Email, first.get("email")),
                origin=_member(Origin, first.get("origin")),
                expired=first.get("expired") == "1",
                to_clarify=first.get("clarify") == "1",
            ),
            sort=_sort(first.get("sort", "")),
            page=max(_number(first.get("page", "")), 1),
            account=_number(first.get("account", "")),
            inspector=InspectorState.read(said),
            selection=self.selection if school == self.school else frozenset(),
            notices=tuple(notices),
        )


def _uai(text: str) -> str:
    """A UAI as it is spelled here; what is none stays as it was typed, on one short line."""
    typed = clean(text)
    try:
        return normal_uai(typed)
    except ValueError:
        return typed if len(typed) <= _LONGEST_SHOWN else f"{typed[:_LONGEST_SHOWN]}…"


def _not_accessible(school: str) -> str:
    return (
        f"L'établissement « {school} », que ce lien demande, ne vous est pas accessible : le lien "
        "n'a pas été suivi."
    )


def _unread_filters(said: Mapping[str, Sequence[str]]) -> list[str]:
    """Which filters an address has that are none, and so keep nobody out."""
    return [
        f"Ce lien demande un filtre inconnu, « {clean(f'{name}={value}')[:_LONGEST_SHOWN]} » : il "
        "n'est pas appliqué."
        for name, known in _KNOWN.items()
        for value in said.get(name, ())
        if value not in known
    ]


def _member(kind: type[_E], value: str | None) -> _E | None:
    return kind(value) if value in set(kind) else None


def _sort(text: str) -> Sort:
    try:
        return Sort.parse(text)
    except ValueError:
        return Sort()


def _number(text: str) -> int:
    is_number = text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER
    return int(text) if is_number else 0
