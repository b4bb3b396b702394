"""The public pages as HTML: templates, filled in and escaped."""

from http import HTTPStatus

from dashboard import theme

_SERVICE_NAME = "Comptes des responsables d'élèves"
_ERRORS = {
    HTTPStatus.NOT_FOUND: (
        "Page introuvable",
        "Cette adresse ne mène à aucune page. Vérifiez qu'elle est complète.",
    ),
    HTTPStatus.INTERNAL_SERVER_ERROR: (
        "Une erreur est survenue",
        "Elle n'est pas de votre fait. Réessayez dans quelques minutes.",
    ),
    HTTPStatus.SERVICE_UNAVAILABLE: (
        "Service momentanément indisponible",
        "Le service ne peut rien enregistrer en ce moment. Ce n'est pas de votre fait, et rien de "
        "ce qui était enregistré n'est perdu. Revenez plus tard.",
    ),
}
_NOT_UNDERSTOOD = (
    "Demande non comprise",
    "Cette demande n'a pas la forme attendue. Recommencez depuis la première page.",
)


class Pages:
    """Fills in the pages of one installation."""

    def __init__(
        self,
        help_contact: str,
        portal_address: str,
        help_email: str = "",
        accessibility_statement: str = "",
    ) -> None:
        self.help_contact = help_contact
        self.help_email = help_email
        self._templates = theme.templates(__package__)
        self._templates.globals |= {
            "help_contact": help_contact,
            "help_email": help_email,
            "portal_address": portal_address,
            "service_name": _SERVICE_NAME,
            "accessibility_statement": accessibility_statement,
        }

    def page(self, name: str, **values: object) -> str:
        return self._templates.get_template(f"{name}.html").render(values)

    def error(self, status: int) -> str:
        """The page of an error that is not the visitor's to mend in a form."""
        title, text = _ERRORS.get(HTTPStatus(status), _NOT_UNDERSTOOD)
        return self.page("error", title=title, text=text)


def masked(email: str) -> str:
    """``l…a@exemple.fr``: enough to know one's own address by, and no more."""
    if not email:
        return ""
    name, _, domain = email.rpartition("@")
    last = name[-1] if len(name) > 3 else ""
    return f"{name[:1]}…{last}@{domain}"
