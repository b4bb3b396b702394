"""What is asked for and not done: refused, with the reasons for the person who asked."""

from collections.abc import Iterable, Mapping


class Refused(Exception):
    """Something asked for is not done; the reasons are for the person who asked, in French."""

    def __init__(self, reasons: Iterable[object]) -> None:
        self.reasons = [str(reason) for reason in reasons]
        super().__init__("\n".join(self.reasons))


class Misasked(Refused, ValueError):
    """What is asked for is unknown or makes no sense; the reason names it, and what is known."""

    def __init__(self, reason: str) -> None:
        super().__init__([reason])


class Unfit(Refused):
    """What was typed cannot be taken; `fields` says why, by the name of the field."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(fields.values())
        self.fields = fields


class DeadLink(Refused):
    """A link that was used, revoked, expired or made up."""

    def __init__(self) -> None:
        super().__init__(
            [
                "Ce lien n'est plus valable : il a déjà servi, il a expiré, ou un envoi plus "
                "récent le remplace."
            ]
        )
