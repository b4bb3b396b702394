"""What statistics are grouped by."""

from enum import StrEnum


class Grouping(StrEnum):
    """The groups that accounts are counted in; a structure is the whole of a scope."""

    STRUCTURE = "structure"
    CLASS = "class"
    LEVEL = "level"
    SCHOOL = "school"
    DISTRICT = "district"
    DEPARTMENT = "department"
    ACADEMY = "academy"
