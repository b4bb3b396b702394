"""Refusing by name what is asked wrongly, which would else be answered by nothing at all."""

import inspect
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from difflib import get_close_matches
from functools import wraps
from typing import ParamSpec, TypeVar

import pandas as pd

from dashboard.actions.explore_places import SchoolPage
from dashboard.domain.directory import normal_uai
from dashboard.domain.errors import Misasked
from dashboard.domain.filters import SchoolFilter, SchoolSort
from dashboard.domain.grouping import groupings_of
from dashboard.domain.scope import Area, Scope
from dashboard.store.engine import Store
from dashboard.store.journal import last_day
from dashboard.store.schools import known_places

P = ParamSpec("P")
T = TypeVar("T")

_MOST_NAMED = 8
_NONE_SO_CALLED = {
    Area.SCHOOLS: "aucune école connue pour {}",
    Area.DISTRICT: "aucune circonscription connue ne s'appelle {}",
    Area.DEPARTMENT: "aucun département connu n'a le code {}",
    Area.ACADEMY: "aucune académie connue ne s'appelle {}",
}


def require_known(store: Store, scope: Scope) -> None:
    """Refuse a scope of places some of which are not known, or of none.

    Raises:
        Misasked: it says which, and what is known instead.
    """
    if scope.area is Area.NATION:
        return
    if not isinstance(scope.places, tuple) or not scope.places:
        raise Misasked("scope : aucun lieu n'est demandé.")
    known = known_places(store, scope.area)
    for place in scope.places:
        if place not in known:
            raise Misasked(_unknown(scope.area, str(place), known))


def _unknown(area: Area, place: str, known: Iterable[str]) -> str:
    if area is Area.SCHOOLS:
        try:
            normal_uai(place)
        except ValueError as error:
            return str(error)
    named = sorted(known)
    near = get_close_matches(place, named, _MOST_NAMED) or named[:_MOST_NAMED]
    more = ", …" if len(named) > len(near) else ""
    said = _NONE_SO_CALLED[area].format(place if area is Area.SCHOOLS else f"« {place} »")
    listed = f" Connus : {', '.join(near)}{more}." if near else " La base n'a aucune école."
    return f"{said}.{listed}"


def _as_day(name: str, given: object) -> date:
    """A date; what pandas makes of one is taken too."""
    if isinstance(given, datetime):
        given = given.date()
    if not isinstance(given, date) or pd.isna(given):
        raise Misasked(f"{name} : une date (datetime.date) est attendue, et non {given!r}.")
    return given


def _count(least: int) -> Callable[[str, object], object]:
    """What takes whole numbers from some on."""

    def check(name: str, given: object) -> object:
        if isinstance(given, bool) or not isinstance(given, int) or given < least:
            raise Misasked(f"{name} : un nombre entier, {least} au moins, et non {given!r}.")
        return given

    return check


def _several_counts(name: str, given: object) -> object:
    spans = tuple(given) if isinstance(given, Iterable) else ()
    if not spans:
        raise Misasked(f"{name} : des nombres de jours sont attendus, et non {given!r}.")
    for span in spans:
        _count(1)(name, span)
    return spans


def _groupings(name: str, given: object) -> object:
    try:
        by = groupings_of(given)  # type: ignore[arg-type]  # it refuses what is none
    except (TypeError, ValueError) as error:
        raise Misasked(f"{name} : {error}") from error
    if not by:
        raise Misasked(f"{name} : aucun regroupement n'est demandé.")
    return by


def _of_type(kind: type) -> Callable[[str, object], object]:
    def check(name: str, given: object) -> object:
        if not isinstance(given, kind):
            raise Misasked(f"{name} : {kind.__name__} est attendu, et non {given!r}.")
        return given

    return check


def _conditions(name: str, given: object) -> object:
    """Conditions that some school might meet."""
    if not isinstance(given, SchoolFilter):
        raise Misasked(f"{name} : SchoolFilter est attendu, et non {given!r}.")
    for condition, value in given.values().items():
        if problem := condition.value.problem(SchoolFilter.definitions()[condition], value):
            raise Misasked(f"{name} : {problem}")
    return given


def _or_none(check: Callable[[str, object], object]) -> Callable[[str, object], object]:
    return lambda name, given: None if given is None else check(name, given)


# What may be given for an argument, by its name in whichever function.
_CHECKS: Mapping[str, Callable[[str, object], object]] = {
    "store": _of_type(Store),
    "scope": _of_type(Scope),
    "since": _as_day,
    "until": _as_day,
    "today": _as_day,
    "by": _groupings,
    "smallest_count": _count(0),
    "limit": _or_none(_count(0)),
    "offset": _count(0),
    "conditions": _conditions,
    "sort": _of_type(SchoolSort),
    "days": _of_type(pd.DataFrame),
    "weeks": _count(1),
    "spans": _several_counts,
}


def checked(function: Callable[P, T]) -> Callable[P, T]:
    """A function that refuses arguments which it would answer with nothing, or with other figures.

    Its frames have the same types of columns with rows and without.

    What it refuses is `Misasked`: what is of a wrong type or range, places that are not known, days
    in the wrong order, and days that are still to come.
    """
    signature = inspect.signature(function)

    @wraps(function)
    def asked(*args: P.args, **kwargs: P.kwargs) -> T:
        bound = signature.bind(*args, **kwargs)
        given = bound.arguments
        for name in given.keys() & _CHECKS.keys():
            given[name] = _CHECKS[name](name, given[name])
        _require_order(given.get("since"), given.get("until"))
        _require_told(given)
        answer = function(*bound.args, **bound.kwargs)
        if isinstance(answer, pd.DataFrame):
            _type_texts(answer)
        elif isinstance(answer, SchoolPage):
            _type_texts(answer.schools)
        return answer

    return asked


def _type_texts(frame: pd.DataFrame) -> None:
    """Have a frame without rows say which columns are texts, as it does with rows."""
    if frame.empty:
        for name, column in frame.items():
            if pd.api.types.is_object_dtype(column):
                frame[name] = column.astype("str")


def _require_order(since: date | None, until: date | None) -> None:
    if since and until and until < since:
        raise Misasked(f"until ({until}) est avant since ({since}).")


def _require_told(given: Mapping[str, object]) -> None:
    """Refuse what the store tells nothing of: places that it has not, days to come."""
    if not isinstance(store := given.get("store"), Store):
        return
    if isinstance(scope := given.get("scope"), Scope):
        require_known(store, scope)
    if isinstance(only := given.get("only"), Iterable):
        require_known(store, Scope.schools(*only))
    for name in ("until", "today"):
        if isinstance(day := given.get(name), date):
            _require_past(store, name, day)


def _require_past(store: Store, name: str, day: date) -> None:
    """Refuse a day later than today, and than all that the store tells of."""
    if day > date.today() and day > (last_day(store) or date.min):
        raise Misasked(f"{name} : le {day:%d/%m/%Y} est à venir, rien n'en est connu.")
