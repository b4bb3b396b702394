"""How many cases a test goes through: few by default, ten times as many by `make soak`.

hypothesis has a profile for each; a test whose cases are slow says by `deep` how many it takes.
"""

from hypothesis import settings

QUICK = "quick"
_EXAMPLES = 100
# How long an example takes is a matter of what else the machine does.
settings.register_profile(QUICK, deadline=None, max_examples=_EXAMPLES)
settings.register_profile("soak", deadline=None, max_examples=10 * _EXAMPLES)


def deep(quickly: int) -> int:
    """The number of cases to go through, where the quick run goes through so many."""
    return quickly * settings().max_examples // _EXAMPLES
