"""Which accounts or schools of a scope are meant, in which order: by screen, address, command.

A filter is one field of `AccountFilter` or of `SchoolFilter`, with its definition; beside it there
is only its control of a form.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from math import inf
from typing import Any, Generic, Self, TypeVar

from dashboard.domain.account import NOTIFICATION_MONTHS, Origin, State
from dashboard.domain.conditions import (
    Band,
    Choice,
    Choices,
    Condition,
    Days,
    Ends,
    Filter,
    Flag,
    Labels,
    V,
    Within,
    Words,
)
from dashboard.domain.directory import Kind, Sector, Zone
from dashboard.domain.french import Labelled
from dashboard.domain.search import Search
from dashboard.domain.stated import TO_CLARIFY

NO_CLASS = "sans classe"
# When a notification has expired, as `dashboard.domain.account.is_expired` has it.
EXPIRED = (
    "(account.state = 'NOTIFIED' AND account.distributed_on "
    f"+ INTERVAL '{NOTIFICATION_MONTHS} months' < CAST({{today}} AS DATE))"
)
# Compared with a constant, an e-mail would be taken for rare and searched for in all the accounts
# before those of the scope.
_KNOWN_EMAIL = "nullif(account.email, '')"
_IN_CLASSES = "class IN (SELECT unnest({value}::TEXT[]))"


class Email(Labelled):
    """Whether the guardian's e-mail is known."""

    KNOWN = "known"
    UNKNOWN = "unknown"

    @property
    def label(self) -> str:
        return {"known": "connue", "unknown": "inconnue"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AccountCondition(Condition[V]):
    """The definition of one filter of accounts.

    Args:
        option: of commands, ``--class``; `metavar` and `help` are what its help shows.
        described: what its value is called where a list says what it lists.
        sql: what holds for an account that meets it, or by value what does; ``{value}`` and
            ``{today}`` stand for values. Of tables there are ``account`` and ``here``: the names of
            its children in the scope. With `of_child` it is what holds for one of the children:
            there are ``link``, and ``student`` or ``stated_child``.
    """

    option: str
    help: str
    described: str
    sql: str | Mapping[V, str]
    metavar: str | None = None
    of_child: bool = False

    def clauses(self, value: V) -> list[tuple[str, object]]:
        """The SQL conditions that must all hold, each with the value that it is asked with."""
        bound = self.value.bound(value)
        if bound is None:
            return [("FALSE", None)]
        sql = self.sql if isinstance(self.sql, str) else self.sql.get(value, "")
        return [(sql, one) for one in bound]


def defined(condition: Condition[V]) -> V:
    """A field that says its definition, of which it has the value."""
    value: V = field(default=condition.value.none, metadata={"condition": condition})
    return value


@dataclass(frozen=True, slots=True)
class AccountFilter(Filter[AccountCondition[Any]]):
    """Conditions that must all hold; an empty one is no condition."""

    search: str = defined(
        AccountCondition(
            value=Words(),
            key="q",
            label="Nom ou prénom",
            option="--search",
            metavar="TEXTE",
            help="Nom ou prénom, responsable ou élève.",
            described="nom ou prénom",
            sql="(account.name_key LIKE {value} OR here.names LIKE {value})",
        )
    )
    classes: tuple[str, ...] = defined(
        AccountCondition(
            value=Labels(unlabelled=NO_CLASS),
            key="class",
            label="Classes",
            option="--class",
            metavar="LIBELLÉ",
            help="Classe.",
            described="classes",
            sql=(
                f"(link.{_IN_CLASSES} OR link.student_id IN (SELECT student_id FROM second_class "
                f"WHERE left_on IS NULL AND {_IN_CLASSES}))"
            ),
            of_child=True,
        )
    )
    states: tuple[State, ...] = defined(
        AccountCondition(
            value=Choices(State),
            key="state",
            label="États de compte",
            option="--state",
            help="État de compte.",
            described="états",
            sql="account.state IN (SELECT unnest({value}::TEXT[]))",
        )
    )
    email: Email | None = defined(
        AccountCondition(
            value=Choice(Email),
            key="email",
            label="Adresse de messagerie",
            option="--email",
            help="Adresse de messagerie.",
            described="adresse de messagerie",
            sql={
                Email.KNOWN: f"{_KNOWN_EMAIL} IS NOT NULL",
                Email.UNKNOWN: f"{_KNOWN_EMAIL} IS NULL",
            },
        )
    )
    origin: Origin | None = defined(
        AccountCondition(
            value=Choice(Origin),
            key="origin",
            label="Origine du compte",
            option="--origin",
            help="Origine du compte.",
            described="origine",
            sql="account.origin = {value}",
        )
    )
    expired: bool = defined(
        AccountCondition(
            value=Flag("expirée"),
            key="expired",
            label="Notification expirée",
            option="--expired",
            help="Notification expirée.",
            described="notification",
            sql=EXPIRED,
        )
    )
    to_clarify: bool = defined(
        AccountCondition(
            value=Flag(TO_CLARIFY),
            key="clarify",
            label="Enfant à préciser",
            option="--to-clarify",
            help="Enfant à préciser.",
            described="enfant",
            sql="stated_child.child_id IS NOT NULL AND stated_child.student_id IS NULL",
            of_child=True,
        )
    )

    def describe(self) -> str:
        """The conditions as a French sentence; ``tous les comptes`` when there are none."""
        words = [
            f"{condition.described} : {condition.value.describe(value)}"
            for condition, value in self.values().items()
            if value != condition.value.none
        ]
        return " ; ".join(words) or "tous les comptes"


Column = TypeVar("Column", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class _Order(Generic[Column]):
    """An order by a column."""

    column: Column
    descending: bool = False

    def __post_init__(self) -> None:
        """Refuse another column (ValueError)."""
        self._columns()(self.column)

    @classmethod
    def _columns(cls) -> type[Column]:
        """The columns that there are: those of the one that is usual."""
        usual: Any = fields(cls)[0].default
        columns: type[Column] = type(usual)
        return columns

    @classmethod
    def parse(cls, text: str) -> Self:
        """The order that ``column`` or, descending, ``-column`` names.

        Raises:
            ValueError: no column has this name.
        """
        return cls(cls._columns()(text.removeprefix("-")), text.startswith("-"))

    def __str__(self) -> str:
        return f"{'-' if self.descending else ''}{self.column}"


class SortColumn(StrEnum):
    """The columns that a list of accounts may be sorted by."""

    STUDENTS = "students"
    CLASSES = "classes"
    GUARDIAN = "guardian"
    IDENTIFIER = "identifier"
    EMAIL = "email"
    ORIGIN = "origin"
    STATE = "state"
    DISTRIBUTED_ON = "distributed_on"
    LAST_ACCESS_ON = "last_access_on"


@dataclass(frozen=True, slots=True)
class Sort(_Order[SortColumn]):
    """The order of a list of accounts; equal rows keep the order of their account numbers."""

    column: SortColumn = SortColumn.STUDENTS


class SchoolColumn(StrEnum):
    """The columns that schools may be sorted by."""

    UAI = "uai"
    NAME = "name"
    DISTRICT = "district"
    DEPARTMENT = "department"
    STUDENTS = "students"
    ACCOUNTS = "accounts"
    NOT_NOTIFIED = "not_notified"
    NOTIFIED = "notified"
    ACTIVATING = "activating"
    ACTIVATED = "activated"
    ACTIVATED_PCT = "activated_pct"
    STUDENTS_COVERED_PCT = "students_covered_pct"
    EXPIRED = "expired"
    LAST_PROGRESS_ON = "last_progress_on"


@dataclass(frozen=True, slots=True)
class SchoolSort(_Order[SchoolColumn]):
    """An order of schools; those without a date come last.

    Schools alike in it come by their number of accounts, the largest first, then by UAI.

    A figure that is hidden, or of nothing, stands where a zero would.
    """

    column: SchoolColumn = SchoolColumn.ACTIVATED_PCT


# Columns of schools by name, and one of whether each meets a condition: they are compared, combined
# and mapped as those of pandas.
Columns = Mapping[str, Any]
Holds = Any


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class SchoolCondition(Condition[V]):
    """The definition of one filter of schools.

    Args:
        holds: which schools meet a value: of the columns that
            `dashboard.pipelines.school_table.narrowed` documents.
    """

    holds: Callable[[V, Columns], Holds]


def _named(search: str, school: Columns) -> Holds:
    """Where every word is in the school's number, name or district; nowhere without a word."""
    words = Search(search).words
    return school["name_key"].map(lambda key: bool(words) and all(word in key for word in words))


def _between(column: str) -> Callable[[Ends, Columns], Holds]:
    def holds(ends: Ends, school: Columns) -> Holds:
        least, most = ends
        return school[column].between(
            -inf if least is None else least, inf if most is None else most
        )

    return holds


_EVERYWHERE = Zone(-90, -180, 90, 180)


def _inside(zone: Zone | None, school: Columns) -> Holds:
    """Where the position is known, and in the zone."""
    edges = zone or _EVERYWHERE
    north_south = school["latitude"].between(edges.south, edges.north)
    return north_south & school["longitude"].between(edges.west, edges.east)


_SIZE = SchoolCondition(
    value=Band(inf, is_whole=True),
    key="size",
    label="Nombre de comptes",
    holds=_between("accounts"),
)
_SHARE = SchoolCondition(
    value=Band(100),
    key="share",
    label="Part de comptes activés",
    holds=_between("activated_pct"),
)


def _end(condition: SchoolCondition[Ends]) -> Any:
    """A field that has an end of a band."""
    return field(default=None, metadata={"condition": condition})


@dataclass(frozen=True, slots=True)
class SchoolFilter(Filter[SchoolCondition[Any]]):
    """Conditions that must all hold; an empty one is no condition.

    Sizes are numbers of accounts, shares percentages of activated ones; both bounds belong to the
    band; a figure that is hidden, or of nothing, is taken for a zero. In a zone is no school whose
    position is not known.
    """

    search: str = defined(
        SchoolCondition(
            value=Words(), key="name", label="Nom, UAI ou circonscription", holds=_named
        )
    )
    least_accounts: int | None = _end(_SIZE)
    most_accounts: int | None = _end(_SIZE)
    least_activated_pct: float | None = _end(_SHARE)
    most_activated_pct: float | None = _end(_SHARE)
    nothing_notified: bool = defined(
        SchoolCondition(
            value=Flag(),
            key="untouched",
            label="Rien de notifié",
            holds=lambda _, school: school["not_notified"] == school["accounts"],
        )
    )
    has_expired: bool = defined(
        SchoolCondition(
            value=Flag(),
            key="overdue",
            label="Notifications expirées",
            holds=lambda _, school: school["expired"] > 0,
        )
    )
    idle_days: int | None = defined(
        SchoolCondition(
            value=Days(),
            key="idle",
            label="Aucun progrès depuis",
            holds=lambda days, school: school["idle_days"] >= days,
        )
    )
    kind: Kind | None = defined(
        SchoolCondition(
            value=Choice(Kind),
            key="kind",
            label="Type",
            holds=lambda kind, school: school["kind"] == kind,
        )
    )
    sector: Sector | None = defined(
        SchoolCondition(
            value=Choice(Sector),
            key="sector",
            label="Secteur",
            holds=lambda sector, school: school["sector"] == sector,
        )
    )
    zone: Zone | None = defined(
        SchoolCondition(value=Within(), key="zone", label="Sur la carte", holds=_inside)
    )
