"""A certified OpenID Connect provider on this machine, and people who sign in there.

It is the package `oidc-provider` of npm, installed beside this file at its first use; it takes
Node 18 or later. Tests that ask for it are skipped where there is none.
"""

import fcntl
import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from tempfile import TemporaryFile
from types import MappingProxyType
from typing import Literal
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
import requests

Users = Mapping[str, Mapping[str, object]]
ClaimsIn = Literal["id_token", "userinfo"]
SecretBy = Literal["client_secret_basic", "client_secret_post"]

DIRECTOR = "m.martin"
INSPECTOR = "i.durand"
STRANGER = "s.tranger"
USERS: Users = MappingProxyType(
    {
        DIRECTOR: {
            "name": "Marie Martin",
            "FrEduFonctAdm": "DIR",
            "FrEduRneResp": ["0210749A$UAJ$PU$N$T3$ECOLE$151"],
        },
        INSPECTOR: {"name": "Inès Durand", "FrEduFonctAdm": "IEN", "territoire": "021"},
        STRANGER: {"name": "Sam Tranger", "FrEduFonctAdm": "ENS"},
    }
)
CLIENT = "tableau-de-bord"
SECRET = "s3cret+%:/Zx9"

_FOLDER = Path(__file__).parent
_OLDEST_NODE = 18
_WAIT = 10
_CONFIRMATION = re.compile(r'action="([^"]+)".*?name="xsrf" value="([^"]+)"', re.DOTALL)


@dataclass(frozen=True)
class OpenIdProvider:
    """A running provider, how its client is registered, and its process."""

    issuer: str
    process: "subprocess.Popen[str]"
    client_id: str = CLIENT
    client_secret: str = SECRET

    @property
    def port(self) -> int:
        port = urlsplit(self.issuer).port
        assert port
        return port

    def stop(self) -> None:
        self.process.kill()
        self.process.wait()


@contextmanager
def openid_provider(
    redirect_address: str,
    ended_address: str = "",
    *,
    algorithm: str = "RS256",
    claims_in: ClaimsIn = "userinfo",
    signs_user_info: bool = False,
    secret_by: SecretBy = "client_secret_basic",
    users: Users = USERS,
    port: int = 0,
) -> Iterator[OpenIdProvider]:
    """A provider with one client and new keys, until the end of the `with`.

    Its page for signing in has a field « Identifiant » and the buttons « S'identifier » and
    « Annuler »; its page for signing out, « Se déconnecter ».

    Args:
        ended_address: where the browser may be sent after signing out.
        users: the claims of each, by the name that they sign in with.
        port: by default one that the system chooses.
    """
    _install()
    asked = {
        "redirectAddress": redirect_address,
        "endedAddress": ended_address,
        "clientId": CLIENT,
        "clientSecret": SECRET,
        "algorithm": algorithm,
        "claimsIn": claims_in,
        "signsUserInfo": signs_user_info,
        "secretBy": secret_by,
        "users": {login: dict(claims) for login, claims in users.items()},
        "port": port,
    }
    with (
        TemporaryFile("w+") as log,
        subprocess.Popen(
            ["node", str(_FOLDER / "provider.mjs"), json.dumps(asked)],
            stdin=subprocess.PIPE,  # closed with this process, it ends the provider
            stdout=subprocess.PIPE,
            stderr=log,
            text=True,
        ) as process,
    ):
        assert process.stdout
        issuer = process.stdout.readline().strip()
        log.seek(0)
        assert issuer, f"the provider ended at once: {log.read()}"
        try:
            yield OpenIdProvider(issuer, process)
        finally:
            process.kill()


def _install() -> None:
    """Installs the provider's package once; skips the test where that cannot be done."""
    if missing := _missing():
        pytest.skip(missing)
    package, installed = _FOLDER / "package.json", _FOLDER / "node_modules" / ".installed"
    with package.open(encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = lock.read()
        if installed.exists() and installed.read_text("utf-8") == wanted:
            return
        options = ["--no-audit", "--no-fund", "--no-package-lock", "--ignore-scripts"]
        done = subprocess.run(
            ["npm", "install", *options], cwd=_FOLDER, capture_output=True, text=True
        )
        assert done.returncode == 0, f"npm could not install the provider: {done.stderr}"
        installed.write_text(wanted, "utf-8")


def _missing() -> str:
    for program in ("node", "npm"):
        if not shutil.which(program):
            return f"`{program}` is missing, which the OpenID Connect provider of the tests takes"
    said = subprocess.run(["node", "--version"], capture_output=True, text=True, check=True)
    if int(said.stdout.lstrip("v").split(".")[0]) < _OLDEST_NODE:
        return f"Node {said.stdout.strip()} is too old for the OpenID Connect provider of the tests"
    return ""


class Person:
    """Somebody with a browser, who fills in the provider's forms."""

    def __init__(self, provider: OpenIdProvider) -> None:
        self._provider = provider
        self._browser = requests.Session()
        self._browser.trust_env = False

    def sign_in(self, address: str, login: str) -> dict[str, str]:
        """Opens the address, signs in, and returns the query that the provider sends back."""
        form = self._open(address)
        return self._returned(self._send(form.url, {"login": login}))

    def cancel(self, address: str) -> dict[str, str]:
        """Opens the address and declines to sign in."""
        return self._returned(self._send(self._open(address).url, {"cancel": "1"}))

    def is_asked_who_they_are(self, address: str) -> bool:
        """Whether the provider has forgotten them, or has never known them."""
        return "Identifiant" in self._open(address).text

    def sign_out(self, address: str) -> str:
        """Opens the address, confirms, and returns where the provider sends the browser."""
        page = self._open(address)
        assert page.status_code == 200, page.text
        found = _CONFIRMATION.search(page.text)
        assert found, page.text
        action, secret = map(unescape, found.groups())
        return self._send(urljoin(page.url, action), {"xsrf": secret, "logout": "yes"})

    def close(self) -> None:
        self._browser.close()

    def _open(self, address: str) -> requests.Response:
        """The page at the address, after the provider's own redirections."""
        page = self._browser.get(address, allow_redirects=False, timeout=_WAIT)
        while page.is_redirect and self._is_of_provider(page):
            page = self._browser.get(_target(page), allow_redirects=False, timeout=_WAIT)
        return page

    def _send(self, address: str, fields: dict[str, str]) -> str:
        """Where the provider sends the browser, out of its own pages, once it has the form."""
        page = self._browser.post(address, fields, allow_redirects=False, timeout=_WAIT)
        if page.is_redirect and self._is_of_provider(page):
            page = self._open(_target(page))
        assert page.is_redirect, page.text
        return _target(page)

    def _is_of_provider(self, page: requests.Response) -> bool:
        return _target(page).startswith(f"{self._provider.issuer}/")

    def _returned(self, address: str) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(address).query))


def _target(page: requests.Response) -> str:
    return urljoin(page.url, page.headers["Location"])
