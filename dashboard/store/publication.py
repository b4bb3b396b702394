"""The secret that this database's published figures are rounded by."""

from dashboard.store.engine import Store


def rounding_secret(store: Store) -> str:
    """The secret, drawn when the database was made."""
    [(secret,)] = store.rows("SELECT secret FROM publication")
    return str(secret)
