"""An open page is its visitor's alone, for as long as they have the rights that it was made for."""

import gc
import json
import time
from collections.abc import Callable

import pytest
from bokeh.util.token import generate_jwt_token, generate_session_id
from tornado.httpclient import HTTPClientError
from tornado.websocket import WebSocketClosedError

from dashboard.actions.users import (
    disable,
    grant_places,
    reset_password,
    revoke_places,
    set_rights,
)
from dashboard.domain.scope import Area, Role
from tests.rights.service import (
    BEZE,
    SERVER,
    SULPICE,
    TODAY,
    VAROIS,
    Site,
    Socket,
    payload_of,
)

OWN = f"?tab=responsables&school={SULPICE}"


def refused(site: Site, token: str, page_token: str) -> bool:
    """Whether a connection is not opened, or nothing is heard on it."""
    try:
        return Socket(site, token, page_token).send("PULL-DOC-REQ", {}) is None
    except (HTTPClientError, WebSocketClosedError):
        return True


def test_a_page_holds_no_cookie_of_its_visitor(site: Site) -> None:
    token = site.sign_in("claire")
    page = site.page(token, OWN)
    assert token not in page.body
    said = payload_of(page.page_token)
    assert (said["cookies"], said["headers"]) == ({}, {})


def test_a_stolen_page_token_opens_nothing_of_its_owner(site: Site) -> None:
    page_token = site.page(site.sign_in("claire"), OWN).page_token
    thief = site.sign_in("irene")
    assert refused(site, "", page_token)
    assert refused(site, "claire", page_token)
    assert refused(site, thief, page_token)


def test_a_page_token_whose_page_is_gone_shows_nothing_of_its_owner(site: Site) -> None:
    page_token = site.page(site.sign_in("claire"), OWN).page_token
    [context] = site.service.server._tornado._applications.values()

    async def let_go() -> None:
        await context._cleanup_sessions(-1)

    site.run(let_go())
    gc.collect()
    thief = site.sign_in("irene")
    assert (
        refused(site, thief, page_token) or "Claire" not in Socket(site, thief, page_token).seen()
    )


@pytest.mark.parametrize("key", ["", "guessed"])
def test_a_hand_made_page_token_opens_nothing(site: Site, key: str) -> None:
    secret = key.encode() or None
    number = generate_session_id(secret_key=secret, signed=bool(key))
    made = generate_jwt_token(number, secret_key=secret, signed=bool(key), expiration=300)
    assert refused(site, site.sign_in("claire"), made)
    assert refused(site, site.sign_in("claire"), "x.y")


def signed_out(site: Site, token: str) -> None:
    site.ask("/deconnexion", token, method="POST", headers={"Content-Length": "0"})


def disabled(site: Site, _: str) -> None:
    disable(site.store, SERVER, TODAY, "claire")


def with_another_password(site: Site, _: str) -> None:
    reset_password(site.store, SERVER, TODAY, "claire")


def without_the_school(site: Site, _: str) -> None:
    revoke_places(site.store, SERVER, TODAY, "claire", {(Area.SCHOOLS, SULPICE)})


def with_another_school(site: Site, _: str) -> None:
    grant_places(site.store, SERVER, TODAY, "claire", {(Area.SCHOOLS, BEZE)})


def as_deputy(site: Site, _: str) -> None:
    places = {(Area.SCHOOLS, SULPICE), (Area.SCHOOLS, VAROIS)}
    set_rights(site.store, SERVER, TODAY, "claire", Role.DEPUTY, places)


ENDINGS = (
    signed_out,
    disabled,
    with_another_password,
    without_the_school,
    with_another_school,
    as_deputy,
)


@pytest.mark.parametrize("end", ENDINGS)
def test_nothing_is_heard_once_rights_have_changed(
    own_site: Site, end: Callable[[Site, str], None]
) -> None:
    token = own_site.sign_in("claire")
    page = Socket(own_site, token, own_site.page(token, OWN).page_token)
    page.models()
    end(own_site, token)
    assert page.send("PULL-DOC-REQ", {}) is None


def test_a_browser_whose_rights_have_ended_is_led_away_and_cut_off(own_site: Site) -> None:
    token = own_site.sign_in("claire")
    page = Socket(own_site, token, own_site.page(token, OWN).page_token)
    page.models()
    disable(own_site.store, SERVER, TODAY, "claire")
    assert page.read_to_the_end().count('"/?avis=fin"') == 1


def test_a_page_that_did_nothing_wrong_stays_open(own_site: Site) -> None:
    page = own_site.open("claire", OWN)
    disable(own_site.store, SERVER, TODAY, "denis")
    page.go_to("?tab=statistiques")
    assert page.models()


def test_a_report_with_passwords_is_not_given_to_who_may_no_longer_act(own_site: Site) -> None:
    token = own_site.sign_in("claire")
    page = Socket(own_site, token, own_site.page(token, OWN).page_token)
    page.set(page.named("Checkbox", "Tout sélectionner")[0].data, "value", True)
    own_site.settle()
    for label in ("Notifier par feuilles", "Confirmer"):
        page.click(page.named("Button", label)[0])
        own_site.settle()
    assert "Terminé" in page.seen()
    page.close()
    as_deputy(own_site, token)
    again = own_site.open("claire", OWN)
    for file in again.named("FileDownload", "Télécharger les feuilles"):
        again.click(file)
    assert "Terminé" not in again.seen()
    assert "application/pdf" not in again.seen()


# Sizes


def test_a_message_larger_than_any_page_sends_ends_the_connection(site: Site) -> None:
    page = site.open("claire", OWN)
    page.send_raw(json.dumps({"msgid": "1", "msgtype": "PATCH-DOC"}), "{}", "x" * 300_000)
    assert page.read_to_the_end() is not None


@pytest.mark.parametrize("path", ["/comptes", "/", "/activation", "/healthz", "/static/js/x.js"])
def test_a_body_larger_than_any_form_is_not_read(site: Site, path: str) -> None:
    started = time.monotonic()
    claimed = {"Content-Length": str(10**9)}
    try:
        status = site.ask(path, method="POST", headers=claimed).status
    except OSError:
        status = 400  # cut off
    assert status in {400, 405, 413}
    assert time.monotonic() - started < 15


def test_headers_larger_than_any_browser_sends_are_not_read(site: Site) -> None:
    try:
        status = site.ask("/", headers={"X-Long": "x" * 60_000}).status
    except OSError:
        status = 431
    assert status in {400, 431}
