"""Which schools are meant: the form of conditions, and what it found in a sentence."""

from html import escape
from math import ceil

from dashboard.domain.directory import Kind, Sector
from dashboard.domain.filters import SchoolFilter, SchoolSort
from dashboard.domain.french import plural
from dashboard.domain.search import Search
from dashboard.pipelines.distribution import size_bands
from dashboard.views.inspector.parts import Asked, field, hidden_fields, select, tick
from dashboard.views.state.inspector_state import band_text, zone_text

_SHARES = [
    ("", "toutes"),
    ("0-24.99", "moins de 25 %"),
    ("25-49.99", "25 à 50 %"),
    ("50-74.99", "50 à 75 %"),
    ("75-100", "75 % et plus"),
]
_IDLE = [("", "–"), *((str(days), f"{days} jours") for days in (7, 14, 30, 60, 90))]
_SIZES = [
    ("", "toutes"),
    *((band_text(band.least or None, band.most), band.label) for band in size_bands()),
]
_KINDS = [("", "tous"), *((kind.value, kind.label) for kind in Kind)]
_SECTORS = [("", "tous"), *((sector.value, sector.label) for sector in Sector)]
_ZONE = "zone choisie"
_FIELDS = frozenset(
    {"name", "size", "share", "untouched", "overdue", "idle", "kind", "sector", "zone"}
)


def schools_text(conditions: SchoolFilter, sort: SchoolSort, count: int) -> str:
    """The answer in a sentence."""
    found = plural(count, "établissement")
    if reason := Search(conditions.search).reason:
        return f"{found} : {reason}"
    if conditions == SchoolFilter():
        if sort == SchoolSort():
            return (
                f"{found}, en commençant par ceux où la part de comptes activés est la plus faible."
            )
        return f"{found}."
    words = ["répond à ces filtres", "répondent à ces filtres"][count > 1]
    return f"{found} {words}."


def filter_form(asked: Asked) -> str:
    """The form, with what the address says; also what was swept over in a chart."""
    seen = asked.seen
    said = seen.conditions
    pairs = [("tab", "statistiques"), *seen.pairs()]
    kept = [(name, value) for name, value in pairs if name not in _FIELDS | {"p"}]
    size = band_text(said.least_accounts, said.most_accounts)
    share = band_text(said.least_activated_pct, said.most_activated_pct)
    zone = zone_text(said.zone) if said.zone else ""
    clear = seen.address(conditions=SchoolFilter())
    return (
        '<form data-step role="search" method="get" aria-label="Filtrer les établissements">'
        + hidden_fields(kept)
        + field("Nom, UAI ou circonscription", "name", said.search, "search", ' maxlength="200"')
        + select("Type", "kind", _KINDS, said.kind or "")
        + select("Secteur", "sector", _SECTORS, said.sector or "")
        + select("Nombre de comptes", "size", _SIZES, size)
        + select("Part de comptes activés", "share", _shares(said), share)
        + select("Aucun progrès depuis", "idle", _IDLE, str(said.idle_days or ""))
        + (select("Sur la carte", "zone", [("", "partout"), (zone, _ZONE)], zone) if zone else "")
        + tick("Rien de notifié", "untouched", said.nothing_notified)
        + tick("Notifications expirées", "overdue", said.has_expired)
        + '<button type="submit">Filtrer</button>'
        + f'<a class="button" data-step href="{escape(clear, quote=True)}">Effacer les filtres</a>'
        + "</form>"
    )


def _shares(said: SchoolFilter) -> list[tuple[str, str]]:
    """The usual bands of percentages, and one that was swept over."""
    least, most = said.least_activated_pct, said.most_activated_pct
    swept = band_text(least, most)
    if swept in dict(_SHARES):
        return _SHARES
    return [*_SHARES, (swept, f"{least or 0:g} à {ceil(100 if most is None else most)} %")]
