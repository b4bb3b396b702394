"""Who may see and do what: every route, tab, file, action and command of the code, for every role.

What the code has and a table here has not fails a test: nothing new goes without a decision.
"""

import inspect
import re
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pkgutil import iter_modules
from typing import Any, get_type_hints

import pytest
import typer

import dashboard.actions
from dashboard.actions.users import disable, reset_password
from dashboard.cli import app
from dashboard.domain.action import BULK_ACTIONS
from dashboard.domain.scope import (
    SCOPES,
    ActingScope,
    PeopleScope,
    Role,
    Scope,
    StaffScope,
    User,
)
from dashboard.guides import GUIDES
from dashboard.store.engine import Store, Transaction
from dashboard.theme import assets
from dashboard.views.state.list_state import Tab
from tests.command import Run
from tests.rights.service import (
    BEZE,
    GOOD,
    NOWHERE,
    SERVER,
    STAFF,
    SULPICE,
    TODAY,
    VAROIS,
    Site,
    Socket,
)

ROLES = {"claire": Role.DIRECTOR, "denis": Role.DEPUTY, "irene": Role.INSPECTOR}
ROLES |= {"alice": Role.ADMINISTRATOR}
READERS = {Role.DIRECTOR, Role.DEPUTY}
EVERYBODY = set(Role)


# Routes: an address of each, what it answers to staff who are signed in, and to everybody else.

ROUTES = {
    r"/favicon.ico$": ("/favicon.ico", 200, 200),
    r"/comptes/ws$": ("/comptes/ws", 403, 403),
    r"/comptes/?$": ("/comptes", 200, 302),
    r"/comptes/static/(.*)$": ("/comptes/static/js/bokeh.min.js", 200, 200),
    r"/healthz$": ("/healthz", 200, 200),
    r"/metrics$": ("/metrics", 200, 200),  # to this machine, or who has the token
    r"/components/.*$": ("/components/this/s/css/x", 404, 404),
    r".*%00.*$": ("/static/%00", 400, 400),
    r"/$": ("/", 303, 200),
    r"/deconnexion$": ("/deconnexion", 303, 303),
    r"/mot-de-passe$": ("/mot-de-passe", 200, 303),
    r"/mot-de-passe/oubli$": ("/mot-de-passe/oubli", 200, 200),
    r"/mot-de-passe/oubli/envoye$": ("/mot-de-passe/oubli/envoye", 200, 200),
    r"/mot-de-passe/lien/(.*)$": ("/mot-de-passe/lien/x", 410, 410),
    r"/connexion/fournisseur$": ("/connexion/fournisseur", 404, 404),
    r"/connexion/retour$": ("/connexion/retour", 404, 404),
    r"/guides/images/(.*)$": ("/guides/images/home.png", 200, 200),
    r"/guides/(.*)$": ("/guides/detaille", 200, 303),
    r"/theme/(.*)$": (assets()["theme.css"].address, 200, 200),
    r"/activation/?$": ("/activation", 200, 200),
    r"/activation/mot-de-passe$": ("/activation/mot-de-passe", 303, 303),
    r"/activation/en-cours$": ("/activation/en-cours", 303, 303),
    r"/activation/active$": ("/activation/active", 303, 303),
    r"/activation/lien/(.*)$": ("/activation/lien/x", 410, 410),
    r"/activation/oubli$": ("/activation/oubli", 200, 200),
    r"/activation/oubli/envoye$": ("/activation/oubli/envoye", 200, 200),
    r"/activation/quitter$": ("/activation/quitter", 303, 303),
    r"/activation/.*$": ("/activation/none", 404, 404),
    r"/components/(.*)$": ("/components/this/s/css/x", 404, 404),
    r"/?$": ("?x", 302, 302),
    r"/static/extensions/(.*)$": ("/static/extensions/panel/panel.min.js", 200, 200),
    r"/static/(.*)$": ("/static/js/bokeh.min.js", 200, 200),
}


GUIDE_ROLES = {
    "rapide": READERS,
    "inspection": {Role.INSPECTOR},
    "detaille": EVERYBODY,
    "exploitation": {Role.ADMINISTRATOR},
    "securite": {Role.ADMINISTRATOR},
    "accessibilite": EVERYBODY,
}


def routes(site: Site) -> Iterator[str]:
    """The patterns of all that the server answers to, in its order."""

    def of(router: Any) -> Iterator[str]:
        for rule in router.rules:
            if hasattr(rule.target, "rules"):
                yield from of(rule.target)
            else:
                yield rule.matcher.regex.pattern

    return of(site.service.server._tornado.default_router)


def test_every_route_has_its_rights(site: Site) -> None:
    assert set(routes(site)) == set(ROUTES)


@pytest.mark.parametrize("login", ROLES)
def test_who_is_signed_in_gets_in(site: Site, login: str) -> None:
    token = site.sign_in(login)
    answers = {path: site.ask(path, token).status for path, _, _ in ROUTES.values()}
    assert answers == {path: status for path, status, _ in ROUTES.values()}


def no_session(_: Site) -> str:
    return ""


def made_by_hand(_: Site) -> str:
    return "claire"


def of_the_demonstration(_: Site) -> str:
    return "demo:director-1"


def signed_out(site: Site) -> str:
    token = site.sign_in("claire")
    site.ask("/deconnexion", token, method="POST", headers={"Content-Length": "0"})
    return token


def expired(site: Site) -> str:
    token = site.sign_in("claire")
    site.clock.passes(minutes=61)
    return token


def too_old(site: Site) -> str:
    token = site.sign_in("claire")
    for _ in range(26):
        site.clock.passes(minutes=30)
        site.ask("/", token)
    return token


def disabled(site: Site) -> str:
    token = site.sign_in("denis")
    disable(site.store, SERVER, TODAY, "denis")
    return token


def with_another_password(site: Site) -> str:
    token = site.sign_in("bruno")
    reset_password(site.store, SERVER, TODAY, "bruno", "Clairon-rouge-17")
    return token


NOBODIES = (
    no_session,
    made_by_hand,
    of_the_demonstration,
    signed_out,
    expired,
    too_old,
    disabled,
    with_another_password,
)


def test_a_session_that_is_none_or_no_more_gets_nobody_in(own_site: Site) -> None:
    for nobody in NOBODIES:
        token = nobody(own_site)
        answers = {path: own_site.ask(path, token).status for path, _, _ in ROUTES.values()}
        assert answers == {path: status for path, _, status in ROUTES.values()}, nobody.__name__


def test_a_password_that_was_handed_out_opens_its_replacement_only(own_site: Site) -> None:
    given = reset_password(own_site.store, SERVER, TODAY, "alice")
    token = own_site.sign_in("alice", given.upper())
    assert own_site.page(token).status == 302
    assert own_site.ask("/comptes/ws", token).status == 403
    assert own_site.ask("/mot-de-passe", token).status == 200


@pytest.mark.parametrize("login", ROLES)
def test_every_guide_has_its_rights(site: Site, login: str) -> None:
    token, role = site.sign_in(login), ROLES[login]
    statuses = {one.name: site.ask(one.address, token).status for one in GUIDES.values()}
    expected = {name: 200 if role in roles else 404 for name, roles in GUIDE_ROLES.items()}
    assert statuses == expected


# Tabs and files: which roles have them on their page, and nothing of them else.

TABS = {
    Tab.HOME: EVERYBODY,
    Tab.GUARDIANS: READERS,
    Tab.STATISTICS: {*READERS, Role.INSPECTOR},
    Tab.JOURNAL: {*READERS, Role.ADMINISTRATOR},
    Tab.USERS: {Role.ADMINISTRATOR},
}
FILES = {
    "Lister les comptes en PDF": READERS,
    "Lister les comptes en CSV": READERS,
    "Télécharger le journal en CSV": {*READERS, Role.ADMINISTRATOR},
    "Télécharger en CSV : synthèse": READERS,
    "Télécharger ces établissements en CSV": {Role.INSPECTOR},
    "Fiche de la circonscription (PDF)": {Role.INSPECTOR},
    "Télécharger les feuilles (PDF)": READERS,
    "Télécharger le compte rendu (CSV)": READERS,
}
ACTING = {
    *(action.label for action in BULK_ACTIONS),
    "Corriger les coordonnées",
    "Préciser l'enfant",
}
MANAGING = {
    "Ajouter un utilisateur",
    "Enregistrer le rôle et les lieux",
    "Enregistrer l'adresse",
    "Désactiver",
    "Réactiver",
    "Réinitialiser le mot de passe",
}
# Buttons that change or open something but their own page; the rest only looks.
BUTTONS = {Role.DIRECTOR: ACTING, Role.ADMINISTRATOR: MANAGING}
LOOKING = (
    "Actualiser|Effacer les filtres|Effacer la sélection|Première page|Page précédente|"
    "Page suivante|Dernière page|Plus récent|Plus ancien|Fermer|Confirmer|Annuler|Ajouter"
)


@pytest.fixture(params=ROLES)
def login(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def addresses() -> Iterator[str]:
    """Where a page may be asked to go: each tab, of an own and of another's school."""
    for tab in Tab:
        yield f"?tab={tab}&school={SULPICE}&account=300"
        yield f"?tab={tab}&school={BEZE}&account=300&state=NOTIFIED"


def test_every_tab_has_its_rights(site: Site, login: str) -> None:
    assert set(TABS) == set(Tab)
    [tabs] = site.open(login).named("Tabs")
    assert tabs.said["_names"] == [tab.label for tab in Tab if ROLES[login] in TABS[tab]]


def test_every_file_has_its_rights(site: Site, login: str) -> None:
    page = site.open(login, f"?tab=responsables&school={SULPICE}")
    labels = {str(part.said["label"]) for part in page.named("FileDownload")}
    known = {label: [name for name in FILES if label.startswith(name)] for label in labels}
    assert all(len(names) == 1 for names in known.values()), known
    offered = {name for [name] in known.values()}
    assert offered == {name for name, roles in FILES.items() if ROLES[login] in roles}


def test_every_button_has_its_rights(site: Site, login: str) -> None:
    page = site.open(login, f"?tab=responsables&school={SULPICE}")
    labels = {str(part.said["label"]) for part in page.named("Button")}
    beyond = {label for label in labels if not re.fullmatch(LOOKING, label)}
    assert beyond == BUTTONS.get(ROLES[login], set())


# What a page is made to do by hand-made messages: every address, every part, every press.


def foreign(site: Site, login: str) -> set[str]:
    """The identifiers and e-mails that a member of staff never sees."""
    people = "SELECT account.identifier, account.email FROM account WHERE account_id IN"
    of_schools = "SELECT account_id FROM link WHERE left_on IS NULL AND uai"
    places = [place for _, place in STAFF[login][1]] if ROLES[login] in READERS else ["none"]
    rows = site.store.rows(f"{people} ({of_schools} IN (SELECT unnest($1::TEXT[])))", [places])
    own = {text for row in rows for text in row if text}
    everybody = site.store.rows(f"{people} (SELECT account_id FROM link)")
    of_role = slice(1, 2) if ROLES[login] is Role.ADMINISTRATOR else slice(0, 2)
    return {text for row in everybody for text in row[of_role] if text} - own


def accounts(site: Site) -> dict[int, Any]:
    found = site.store.rows("SELECT account_id, version, state, email, password_hash FROM account")
    return {row[0]: row for row in found}


def staff(site: Site) -> Any:
    return site.store.rows(
        "SELECT login, name, role, password_hash, disabled, provisional_until FROM staff "
        "ORDER BY login"
    )


# What a hand-made message sets, by the kind of the component; every one is pressed, too.
SET: Mapping[str, tuple[tuple[str, object], ...]] = {
    "AddressBar": (("search", f"?tab=responsables&school={BEZE}&account=300"),),
    "Checkbox": (("value", True),),
    "CheckBoxGroup": (("value", ["activé"]),),
    "Dialog": (("open", True),),
    "RadioBoxGroup": (("value", "4"),),
    "Tabs": (("active", 3), ("active", 1)),
    "TextInput": (("value_input", BEZE), ("value", "x@exemple.fr")),
}
PRESSED = {"Button", "FileDownload", "LiveHtml", *SET}


def press_everything(page: Socket, site: Site) -> None:
    """Set and press all that a page has, shown or not, enabled or not."""
    for part in page.parts():
        for attribute, value in SET.get(part.kind, ()):
            page.set(part.data, attribute, value)
        if part.kind in PRESSED:
            page.click(part)
            page.message(part, "claire")
    for model in page.models():
        if model["name"].endswith("DataTabulator"):
            clicked = ["column", "guardian"], ["row", 3]
            page.event("cell-click", ["model", {"id": model["id"]}], *clicked)
        if model["name"].endswith("Select"):
            page.set(model["id"], "value", BEZE)
    site.settle()


@pytest.mark.parametrize("login", ["denis", "irene", "alice"])
def test_who_may_not_act_does_not_by_any_message(own_site: Site, login: str) -> None:
    before, staff_before = accounts(own_site), staff(own_site)
    page = own_site.open(login, f"?tab=responsables&school={SULPICE}&account=1")
    if ROLES[login] is not Role.ADMINISTRATOR:  # whose buttons do to staff what they may
        press_everything(page, own_site)
    said = page.seen()
    assert {text for text in foreign(own_site, login) if text in said} == set()
    assert accounts(own_site) == before
    assert own_site.store.rows("SELECT count(*) FROM journal WHERE actor <> 'import'") == [(0,)]
    assert staff(own_site) == staff_before


def test_a_director_acts_on_their_accounts_and_on_no_others(own_site: Site) -> None:
    before = accounts(own_site)
    page = own_site.open("claire", f"?tab=responsables&school={SULPICE}")
    [everybody] = page.named("Checkbox", "Tout sélectionner")
    page.set(everybody.data, "value", True)
    own_site.settle()
    page.go_to(f"?tab=responsables&school={BEZE}&account=300")
    for part in page.named("Button"):
        if part.said["label"] in {*ACTING, "Confirmer"}:
            page.click(part)
    own_site.settle()
    assert accounts(own_site) == before
    page.go_to(f"?tab=responsables&school={SULPICE}")
    own_site.settle()
    [everybody] = page.named("Checkbox", "Tout sélectionner")
    page.set(everybody.data, "value", True)
    own_site.settle()
    for label in ("Notifier par courriel", "Confirmer"):
        page.click(page.named("Button", label)[0])
        own_site.settle()
    changed = [number for number, row in accounts(own_site).items() if row != before[number]]
    assert changed
    places = own_site.store.rows(
        "SELECT DISTINCT uai FROM link WHERE account_id IN (SELECT unnest($1::BIGINT[]))",
        [changed],
    )
    assert {uai for (uai,) in places} == {SULPICE}
    said = page.seen()
    assert {text for text in foreign(own_site, "claire") if text in said} == set()


@pytest.mark.parametrize("login", ROLES)
def test_no_address_shows_anything_foreign(site: Site, login: str) -> None:
    hidden = foreign(site, login)
    page = site.open(login)
    for query in addresses():
        page.go_to(query)
    for file in page.named("FileDownload"):
        page.click(file)
    said = page.seen()
    assert len(hidden) > 100
    assert {text for text in hidden if text in said} == set()


@pytest.mark.parametrize("login", ["claire", "denis", "irene"])
def test_a_school_of_others_is_as_one_that_does_not_exist(site: Site, login: str) -> None:
    for tab in (Tab.GUARDIANS, Tab.STATISTICS):
        said = []
        for uai in (BEZE, NOWHERE):
            page = site.open(login, f"?tab={tab}&school={uai}&account=300")
            texts = [f"{one.said.get('text')} {one.said.get('html')}" for one in page.parts()]
            said.append([text.replace(uai, "UAI") for text in texts])
        assert said[0] == said[1]


@pytest.mark.parametrize("login", ["claire", "denis"])
def test_an_account_of_others_is_as_one_that_does_not_exist(site: Site, login: str) -> None:
    [(number,)] = site.store.rows(
        "SELECT min(account_id) FROM link WHERE uai = $1 AND account_id NOT IN "
        "(SELECT account_id FROM link WHERE uai IN ($2, $3))",
        [BEZE, SULPICE, VAROIS],
    )
    said = []
    for account in (number, 10**9):
        page = site.open(login, f"?tab=responsables&school={SULPICE}&account={account}")
        shown = [(one.kind, one.said.get("open"), one.said.get("html")) for one in page.parts()]
        assert ("Dialog", True, None) in shown
        said.append(shown)
    assert said[0] == said[1]


# Functions: what a caller of each has to have, by type, so that forgetting it is a type error.

RIGHTS: dict[str, type | None] = {
    "figures.activation_times": Scope,
    "clarify.clarify": ActingScope,
    "clarify.who_it_may_be": PeopleScope,
    "correct.correct": ActingScope,
    "explore_places.open_explorer": Scope,
    "explore_places.explore_schools": Scope,
    "list_accounts.list_accounts": PeopleScope,
    "users.add": StaffScope,
    "users.disable": StaffScope,
    "users.enable": StaffScope,
    "users.grant_places": StaffScope,
    "users.reset_password": StaffScope,
    "users.revoke_places": StaffScope,
    "users.set_email": StaffScope,
    "users.set_rights": StaffScope,
    "batch.prepare": ActingScope,
    "figures.statistics": Scope,
    "figures.tallies": Scope,
    "figures.timeline": Scope,
    "notify_by_email.follow_up": PeopleScope,
    # These take a `Preparation`, which has the scope that it was made in.
    "notify_by_sheet.notify_by_sheet": None,
    "batch.write_decisions": None,
    "notify_by_email.notify_by_email": None,
    # At the server itself, by who has the database's file.
    "back_up.back_up_daily": None,
    "generate.generate": None,
    "housekeeping.housekeep": None,
    "import_accounts.import_accounts": None,
    "import_accounts.write_accounts": None,
    "import_roster.import_roster": None,
    "import_schools.import_schools": None,
    "housekeeping.keep_tallies": None,
    "load_demo.load_demo": None,
    "load_demo.load_demo_academy": None,
    "privacy.find_person": None,
    "local_users.demo_users": None,
    "local_users.local_user": None,
    "take_snapshot.take_snapshot": None,
    "asked.require_known": Scope,
    # How the others write.
    "batch.in_one_transaction": None,
    "figures.suppression": None,
}


def functions() -> Iterator[tuple[str, Callable[..., object]]]:
    """Every public function of the actions that works on a store."""
    for module in iter_modules(dashboard.actions.__path__):
        found = import_module(f"dashboard.actions.{module.name}")
        for name, function in inspect.getmembers(found, inspect.isfunction):
            own = function.__module__ == found.__name__ and not name.startswith("_")
            if own and {Store, Transaction} & set(get_type_hints(function).values()):
                yield f"{module.name}.{name}", function


def test_every_function_that_works_on_the_store_asks_for_a_right() -> None:
    found = dict(functions())
    assert set(found) == set(RIGHTS)
    for name, right in RIGHTS.items():
        taken = {hint for hint in get_type_hints(found[name]).values() if hint in SCOPE_TYPES}
        assert taken == ({right} if right else set()), name


SCOPE_TYPES = {Scope, PeopleScope, ActingScope, StaffScope}


@pytest.mark.parametrize("role", Role)
def test_a_role_makes_exactly_its_rights(role: Role) -> None:
    user = User("x", "X", role, SCOPES[role].schools(SULPICE))
    assert (user.people_in(SULPICE) is not None) == (role in READERS)
    assert (user.acting_in(SULPICE) is not None) == (role is Role.DIRECTOR)
    assert (user.staff_scope is not None) == (role is Role.ADMINISTRATOR)
    assert user.people_in(BEZE) is user.acting_in(BEZE) is None


# Commands: who has the database's file runs them; those that act do it in the rights of a user.

ACTING_COMMANDS: Mapping[str, tuple[str, ...]] = {
    "notify": ("--by", "email"),
    "reset": ("--output", "reset.pdf"),
    "resend": (),
}
# What the journal says of who did it, at the server itself.
SIGNED_COMMANDS = {"person erase"}
COMMANDS = {
    *ACTING_COMMANDS,
    *("serve", "demo", "generate", "import", "import-accounts", "import-schools"),
    *("statistics", "brief", "accounts", "snapshot", "check", "backup", "restore", "housekeeping"),
    *("person export", "person erase"),
    *("users add", "users list", "users disable", "users enable", "users passwd", "users email"),
    *("users role", "users grant", "users revoke"),
}


def commands(group: Any, before: str = "") -> Iterator[tuple[str, Any]]:
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}", command


def test_every_command_has_its_rights() -> None:
    found = dict(commands(typer.main.get_command(app)))
    assert set(found) == COMMANDS
    acting = {name for name, one in found.items() if any("--as" in p.opts for p in one.params)}
    assert acting == {*ACTING_COMMANDS, *SIGNED_COMMANDS}


@pytest.fixture
def staffed(demo_schools: None, run: Run, monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> Run:
    """The demo's schools and the staff of every role, for the command."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("dashboard.commands.users._password", lambda: GOOD)
    places = {"claire": ("--school", SULPICE, "--school", VAROIS), "denis": ("--school", SULPICE)}
    places |= {"irene": ("--department", "058"), "bruno": ("--school", BEZE)}
    for login, (role, _) in STAFF.items():
        added = run("users", "add", login, "--role", role.value.lower(), *places.get(login, ()))
        assert added.code == 0, added.err
    run("users", "disable", "bruno")
    return run


@pytest.mark.parametrize("command", ACTING_COMMANDS)
def test_a_command_acts_in_the_rights_of_the_user_that_it_names(staffed: Run, command: str) -> None:
    def act(login: str, school: str) -> tuple[int, str]:
        named = (
            "--school",
            school,
            "--search",
            "abricot",
            *ACTING_COMMANDS[command],
            "--as",
            login,
            "--yes",
        )
        done = staffed(command, *named)
        return done.code, done.err.replace(school, "UAI")

    unknown = 1, "erreur : aucune école connue pour UAI.\n"
    assert act("claire", BEZE) == act("claire", NOWHERE) == unknown
    for login in ("denis", "irene", "alice"):
        assert act(login, SULPICE) == act(login, BEZE)
        assert act(login, SULPICE)[0] == 1
    assert "est désactivé" in act("bruno", BEZE)[1]
    assert "Adresse d'activation" in act(" Claire", SULPICE)[1]
