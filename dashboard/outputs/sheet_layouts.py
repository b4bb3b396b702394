"""How a sheet is laid out at each size, and what all sheets say."""

from dataclasses import dataclass
from typing import NamedTuple

from dashboard.outputs.pdf_drawing import PAGE_HEIGHT, PAGE_WIDTH


class Row(NamedTuple):
    """A row of the card: the base lines of its label and of the value below."""

    label: float
    value: float


@dataclass(frozen=True, slots=True)
class Form:
    """Where things stand on a sheet of one size.

    Lengths are in millimetres from the sheet's corner, down to the base line where text stands;
    sizes of text are in points.
    """

    width: float
    height: float
    margin: float
    small: float
    body: float
    heading: float
    name_size: float
    code_size: float
    school: float
    lead: float
    name: float
    intro: float
    children: float
    child_step: float
    child_columns: int
    child_rows: int
    card: float
    card_height: float
    card_middle: float
    pad: float
    identifier: Row
    password: Row
    validity: float
    sign_in: Row
    steps_heading: float
    steps: float
    line: float
    qr: float
    qr_top: float
    foot: float

    @property
    def inner(self) -> float:
        """The width between the margins."""
        return self.width - 2 * self.margin


FORMS = {
    1: Form(
        width=PAGE_WIDTH,
        height=PAGE_HEIGHT,
        margin=20,
        small=10.5,
        body=12,
        heading=15,
        name_size=26,
        code_size=30,
        school=24,
        lead=45,
        name=57,
        intro=69,
        children=76,
        child_step=6.2,
        child_columns=2,
        child_rows=4,
        card=101.5,
        card_height=63.5,
        card_middle=130,
        pad=8,
        identifier=Row(111, 123.3),
        password=Row(139, 151.3),
        validity=159.3,
        sign_in=Row(139, 150),
        steps_heading=178,
        steps=190,
        line=6.1,
        qr=44,
        qr_top=186,
        foot=264,
    ),
    2: Form(
        width=PAGE_WIDTH,
        height=PAGE_HEIGHT / 2,
        margin=15,
        small=8.5,
        body=9,
        heading=11,
        name_size=18,
        code_size=22,
        school=12.5,
        lead=21.5,
        name=29.5,
        intro=36,
        children=40.6,
        child_step=4.4,
        child_columns=3,
        child_rows=2,
        card=49.5,
        card_height=36.5,
        card_middle=65.3,
        pad=6,
        identifier=Row(54.6, 62.4),
        password=Row(70.6, 78.4),
        validity=83.4,
        sign_in=Row(70.6, 77.6),
        steps_heading=94,
        steps=101,
        line=4.2,
        qr=30,
        qr_top=91,
        foot=134.5,
    ),
    4: Form(
        width=PAGE_WIDTH / 2,
        height=PAGE_HEIGHT / 2,
        margin=9,
        small=7,
        body=7.2,
        heading=8.5,
        name_size=13,
        code_size=17,
        school=11.5,
        lead=19,
        name=25,
        intro=30.5,
        children=34.4,
        child_step=3.7,
        child_columns=1,
        child_rows=3,
        card=45.5,
        card_height=36,
        card_middle=60.8,
        pad=4,
        identifier=Row(50.8, 57.8),
        password=Row(65.8, 72.8),
        validity=78,
        sign_in=Row(65.8, 71.6),
        steps_heading=87.5,
        steps=93,
        line=3.3,
        qr=22,
        qr_top=90,
        foot=132.5,
    ),
}

_OPEN = "Ouvrez cette page, avec le code QR ou en recopiant son adresse :"


@dataclass(frozen=True, slots=True)
class Wording:
    """What a sheet says to sign in in one way; the page's address follows the first step.

    The second value is empty where each sheet has its own.
    """

    second_label: str
    second_value: str
    heading: str
    steps: tuple[str, str, str]
    warning: str


WITH_PASSWORD = Wording(
    "Mot de passe provisoire",
    "",
    "Comment activer votre compte",
    (
        _OPEN,
        "Saisissez l'identifiant et le mot de passe provisoire ci-dessus.",
        "Choisissez votre propre mot de passe, puis confirmez votre adresse e-mail "
        "par le lien que vous recevez.",
    ),
    "Ce mot de passe est personnel : ne le donnez à personne, pas même à votre enfant.",
)
WITH_FRANCECONNECT = Wording(
    "Connexion",
    "avec FranceConnect",
    "Comment vous connecter",
    (
        _OPEN,
        "Choisissez « S'identifier avec FranceConnect ».",
        "Connectez-vous avec un compte que vous avez déjà (impôts, Ameli, La Poste…) : "
        "EduConnect ne vous demande alors aucun mot de passe.",
    ),
    "Ce compte est personnel : ne prêtez vos accès à personne, pas même à votre enfant.",
)

LEAD = "Compte EduConnect de"
CHILDREN = "pour suivre la scolarité de"
IDENTIFIER = "Identifiant"
QUESTION = "Une question ?"
