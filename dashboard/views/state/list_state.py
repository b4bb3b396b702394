"""What one user is looking at: the state behind the screen, and its form as an address."""

from collections.abc import Collection, Mapping, Sequence
from enum import StrEnum
from urllib.parse import parse_qs, urlencode

import param

from dashboard.domain.directory import normal_uai
from dashboard.domain.filters import AccountFilter, Sort
from dashboard.domain.names import clean
from dashboard.views.state.inspector_state import InspectorState

_LONGEST_QUERY = 20_000
_LONGEST_NUMBER = 15
_LONGEST_SHOWN = 40
# What an address asks of the school that it names.
_OF_SCHOOL = AccountFilter.keys() | {"page", "account"}


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
        opened = self.account if account is None else account
        place = [
            ("school", self.school),
            ("tab", "" if self.tab is Tab.HOME else self.tab.value),
        ]
        shown = [
            ("sort", "" if self.sort == Sort() else str(self.sort)),
            ("page", "" if self.page == 1 else str(self.page)),
            ("account", str(opened) if opened else ""),
        ]
        pairs = [
            *_given(place),
            *self.conditions.pairs(),
            *_given(shown),
            *self.inspector.pairs(),
        ]
        return f"?{urlencode(pairs)}" if pairs else ""

    def unclear_address(self) -> str:
        """The address's query for the school's accounts with a child to be clarified."""
        unclear = AccountFilter(to_clarify=True)
        return ListState(school=self.school, tab=Tab.GUARDIANS, conditions=unclear).query()

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
            tab=_tab(first.get("tab", "")),
            conditions=AccountFilter.read(said),
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
        f"Ce lien demande un filtre inconnu, « {clean(f'{key}={text}')[:_LONGEST_SHOWN]} » : il "
        "n'est pas appliqué."
        for key, text in AccountFilter.unknown(said)
    ]


def _given(pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """Those fields of an address that say something."""
    return [(key, text) for key, text in pairs if text]


def _tab(text: str) -> Tab:
    return Tab(text) if text in set(Tab) else Tab.HOME


def _sort(text: str) -> Sort:
    try:
        return Sort.parse(text)
    except ValueError:
        return Sort()


def _number(text: str) -> int:
    is_number = text.isascii() and text.isdecimal() and len(text) <= _LONGEST_NUMBER
    return int(text) if is_number else 0
