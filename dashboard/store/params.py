"""The parameters of a statement that is put together from parts."""


class Params:
    """Values in the order in which the statement numbers them."""

    def __init__(self, *values: object) -> None:
        self.values: list[object] = list(values)

    def add(self, value: object) -> str:
        """Take a value, and give its name in the statement: ``$3`` for the third."""
        self.values.append(value)
        return f"${len(self.values)}"

    def fill(self, sql: str, **values: object) -> str:
        """A part with the names of these values for ``{name}``; values it does not name are left.

        A parameter that no part names would have no type.
        """
        named = {name: value for name, value in values.items() if f"{{{name}}}" in sql}
        return sql.format(**{name: self.add(value) for name, value in named.items()})
