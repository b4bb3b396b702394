"""The pages of a list: how many there are, and what stands on one."""

from dataclasses import dataclass
from typing import Self

from dashboard.domain.french import out_of


@dataclass(frozen=True, slots=True)
class Page:
    """One page of a list, counted from 1; an empty list has one page, with nothing on it."""

    number: int
    pages: int
    size: int

    @classmethod
    def at(cls, wanted: int, count: int, size: int) -> Self:
        """The page of this number of a list of `count`; the nearest that there is."""
        pages = max(1, -(-count // size))
        return cls(min(max(wanted, 1), pages), pages, size)

    @property
    def offset(self) -> int:
        """How many of the list stand before the page."""
        return (self.number - 1) * self.size

    @property
    def is_first(self) -> bool:
        return self.number == 1

    @property
    def is_last(self) -> bool:
        return self.number == self.pages

    @property
    def place(self) -> str:
        """``2 sur 8``."""
        return out_of(self.number, self.pages)

    def after(self, steps: int) -> int:
        """The number of the page so many steps on; before the first or after the last is none."""
        return min(max(self.number + steps, 1), self.pages)
