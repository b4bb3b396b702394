"""Listing accounts as a file: all those that meet conditions, or a selection."""

from collections.abc import Collection
from datetime import datetime
from enum import StrEnum

from dashboard.domain.document import Document
from dashboard.domain.filters import AccountFilter, Sort
from dashboard.domain.french import plural
from dashboard.domain.scope import PeopleScope
from dashboard.outputs.account_list_pdf import account_list_pdf
from dashboard.outputs.csv_files import account_list_csv
from dashboard.store.accounts import listed_accounts
from dashboard.store.engine import Store
from dashboard.store.schools import schools


class ListFormat(StrEnum):
    """The kinds of file that a list of accounts comes as."""

    PDF = "pdf"
    CSV = "csv"


def list_accounts(
    store: Store,
    scope: PeopleScope,
    conditions: AccountFilter,
    sort: Sort,
    now: datetime,
    form: ListFormat,
    *,
    limit: int | None = None,
    offset: int = 0,
    only: Collection[int] | None = None,
) -> Document:
    """The list of the accounts of a scope that meet the conditions; with `only`, of those few."""
    accounts = listed_accounts(
        store, scope, conditions, sort, now.date(), limit=limit, offset=offset, only=only
    )
    filename = f"comptes_{'_'.join(scope.places)}_{now:%Y-%m-%d}.{form}"
    if form is ListFormat.CSV:
        return account_list_csv(accounts, filename)
    chosen = f"{plural(len(only), 'compte sélectionné', 'comptes sélectionnés')}" if only else ""
    said = chosen or conditions.describe()
    return account_list_pdf(accounts, filename, _title(store, scope), said, now)


def _title(store: Store, scope: PeopleScope) -> str:
    found = schools(store, scope)
    return ", ".join(
        f"{name} ({uai})" for uai, name in zip(found["uai"], found["name"], strict=True)
    )
