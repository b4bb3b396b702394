"""How the schools of a table spread, by share, kind and size, and where most accounts stop."""

from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from dashboard.domain.account import State
from dashboard.domain.directory import Kind, Sector
from dashboard.domain.figure import HIDDEN, Figures, SchoolGroup, zero_if_hidden
from dashboard.domain.french import number, percent
from dashboard.domain.suppression import Suppression
from dashboard.pipelines.statistics import FIGURES, rows, with_totals
from dashboard.pipelines.suppression import COUNTED, hidden
from dashboard.wording.statistics_columns import figure_text

_STEP = 10
_UNKNOWN = "non précisé"
# Sizes of schools by number of accounts; the end belongs to the next.
_SIZES = (0, 50, 100, 200, 300, 1_000_000)


@dataclass(frozen=True, slots=True)
class Band:
    """Some sizes or shares: both ends belong to it, `most` may be open."""

    least: float
    most: float | None
    label: str

    def meets(self, least: float | None, most: float | None) -> bool:
        """Whether something between these, both included, may be of the band."""
        above = most is None or most >= self.least
        return above and (least is None or self.most is None or least <= self.most)


def size_bands() -> list[Band]:
    """The sizes that schools are told apart by, in accounts."""
    return [_size_band(least, end) for least, end in pairwise(_SIZES)]


def _size_band(least: int, end: int) -> Band:
    if least == 0:
        return Band(0, end - 1, f"moins de {end}")
    if end == _SIZES[-1]:
        return Band(least, None, f"{least} et plus")
    return Band(least, end - 1, f"{least} à {end - 1}")


def share_bands() -> list[Band]:
    """Ten bands of percentages; the last one has its end too."""
    return [
        Band(least, 100 if least + _STEP == 100 else least + _STEP - 0.01, _share_label(least))
        for least in range(0, 100, _STEP)
    ]


def _share_label(least: int) -> str:
    return f"{least} à {least + _STEP}"


def spread(table: pd.DataFrame) -> pd.DataFrame:
    """How many schools have which percentage of activated accounts.

    Args:
        table: as `dashboard.pipelines.school_table.school_table` documents.

    Returns:
        One row per band of `share_bands`: ``label``, ``schools``. A percentage that is not told is
        taken for a zero, as in `dashboard.domain.filters.SchoolFilter`.
    """
    shares = table["activated_pct"].fillna(0)
    places = (shares // _STEP).clip(upper=100 // _STEP - 1).astype("int64")
    counts = places.value_counts().reindex(range(100 // _STEP), fill_value=0)
    labels = [band.label for band in share_bands()]
    return pd.DataFrame({"label": labels, "schools": counts.to_numpy(dtype="int64")})


def spread_text(table: pd.DataFrame) -> str:
    """The middle of the schools, in words; where half of them are."""
    shares = table["activated_pct"].fillna(0)
    if shares.empty:
        return "Aucun établissement à représenter."
    low, middle, high = (round(float(shares.quantile(part))) for part in (0.25, 0.5, 0.75))
    return (
        f"La moitié des établissements sont au-dessous de {middle} % de comptes activés, l'autre "
        f"moitié au-dessus ; un sur quatre est au-dessous de {low} %, un sur quatre au-dessus de "
        f"{high} %. Un pourcentage non communiqué y compte pour zéro."
    )


@dataclass(frozen=True, slots=True)
class KindGroup:
    """Schools of a kind and sector; ``None`` where the directory does not say."""

    kind: Kind | None
    sector: Sector | None

    @property
    def label(self) -> str:
        kind = self.kind.label if self.kind else _UNKNOWN
        return f"{kind.capitalize()}, {self.sector.label if self.sector else _UNKNOWN}"


def kind_groups() -> list[KindGroup]:
    """What schools are told apart by, in this order."""
    return [KindGroup(kind, sector) for kind in (*Kind, None) for sector in (*Sector, None)]


def expired_in(table: pd.DataFrame) -> tuple[int, int]:
    """How many notifications are over in the schools of a table, and how many schools have any."""
    expired = table["expired"].fillna(0)
    return int(expired.sum()), int((expired > 0).sum())


def by_kind(table: pd.DataFrame, rule: Suppression | None) -> pd.DataFrame:
    """Figures by kind and sector, in their order: ``group``, ``schools``, then `FIGURES`."""
    labels = {(one.kind or "", one.sector or ""): one.label for one in kind_groups()}
    kinds = [labels[key] for key in zip(table["kind"], table["sector"], strict=True)]
    group = pd.Categorical(kinds, list(labels.values()))
    return grouped(table, pd.Series(group, table.index), rule)


def by_size(table: pd.DataFrame, rule: Suppression | None) -> pd.DataFrame:
    """Figures by size, in the order of sizes: ``group``, ``schools``, then `FIGURES`."""
    labels = [band.label for band in size_bands()]
    bands = pd.cut(table["accounts"].fillna(0).astype("int64"), _SIZES, right=False, labels=labels)
    return grouped(table, bands, rule)


def grouped(table: pd.DataFrame, group: pd.Series, rule: Suppression | None) -> pd.DataFrame:
    """Figures of groups of schools: ``group``, ``schools``, then `FIGURES`.

    They are sums of what is told of schools: a hidden count is a published zero.
    """
    columns = list(COUNTED)
    counts = table[columns].fillna(0).astype("int64").assign(group=group, schools=1)
    sums = counts.groupby("group", observed=True, as_index=False)[["schools", *columns]].sum()
    figures = with_totals(sums)[["group", "schools", *FIGURES]]
    return figures if rule is None else hidden(figures, rule.smallest)


def group_rows(groups: pd.DataFrame) -> list[SchoolGroup]:
    """The groups of a frame of `grouped`."""
    told = zip(groups["group"], groups["schools"], rows(groups), strict=True)
    return [SchoolGroup(str(label), int(schools), figures) for label, schools, figures in told]


@dataclass(frozen=True, slots=True)
class Stage:
    """How many accounts came so far, out of all; `lost` of those before went no further."""

    label: str
    accounts: int
    share: float
    lost: int


_REACHED = {
    "Comptes": tuple(State),
    "Notifiés": (State.NOTIFIED, State.ACTIVATING, State.ACTIVATED),
    "Activation commencée": (State.ACTIVATING, State.ACTIVATED),
    "Activés": (State.ACTIVATED,),
}
_LOST_AT = {
    "Notifiés": (
        "la remise des identifiants : {count} comptes ({share}) ne sont pas encore notifiés",
        "Ce sont les écoles qui peuvent avancer : feuilles ou courriels restent à envoyer.",
    ),
    "Activation commencée": (
        "la première connexion : {count} comptes ({share}) sont notifiés sans que l'activation "
        "ait commencé",
        "Ce sont les familles qu'il faut aider : relancer, renouveler les notifications expirées.",
    ),
    "Activés": (
        "la confirmation du courriel : {count} comptes ({share}) ont commencé l'activation sans la "
        "terminer",
        "Renvoyer le courriel d'activation suffit souvent.",
    ),
}


def funnel(figures: Figures) -> list[Stage]:
    """The stages, each with the accounts that came so far; a hidden count is taken for a zero."""
    counts = {state: zero_if_hidden(count) for state, count in figures.states.items()}
    reached = {label: sum(counts[state] for state in states) for label, states in _REACHED.items()}
    whole = reached["Comptes"]
    stages: list[Stage] = []
    before = whole
    for label, accounts in reached.items():
        share = round(100 * accounts / whole, 2) if whole else 0.0
        stages.append(Stage(label, accounts, share, before - accounts))
        before = accounts
    return stages


def stage_texts(stage: Stage, smallest_count: int) -> tuple[str, str]:
    """The count and the percentage of a stage; where small counts are hidden, a zero is one."""
    if not stage.accounts and smallest_count:
        return figure_text(HIDDEN), figure_text(HIDDEN)
    return figure_text(stage.accounts), figure_text(stage.share)


def funnel_text(stages: list[Stage]) -> str:
    """Where the scope loses most, in words."""
    whole = stages[0].accounts
    if not whole:
        return "Aucun compte à suivre ici pour le moment."
    worst = max(stages[1:], key=lambda stage: stage.lost)
    if not worst.lost:
        return "Tous les comptes sont activés."
    where, advice = _LOST_AT[worst.label]
    share = percent(round(100 * worst.lost / whole, 1))
    return f"On perd le plus à {where.format(count=number(worst.lost), share=share)}. {advice}"
