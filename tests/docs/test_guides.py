"""The operator's guides are true: commands, settings, the unit and the proxy they give."""

import os
import re
import shlex
import shutil
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from datetime import date, datetime
from pathlib import Path

import pytest
import requests
import trustme
from playwright.sync_api import Browser, expect

import dashboard
from dashboard.actions.staff_sessions import SessionLimits
from dashboard.actions.users import add
from dashboard.domain.scope import Area, Role, StaffScope
from dashboard.guides import guide
from dashboard.health import Health
from dashboard.metrics import Meter, metrics
from dashboard.settings import Settings, read_settings
from dashboard.store.engine import Store
from tests.actions.services import make_services
from tests.browser.conftest import SERVE, Server, free_port, run_server

ROOT = Path(__file__).parents[2]
GUIDE, SECURITY = guide("exploitation"), guide("securite")
PASSWORD = "Trombone-vert-42"
SERVER = StaffScope("exploitant")
SYSTEM_PATH = f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", GUIDE, re.DOTALL)


def educonnect(*arguments: str, **how: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "dashboard", *arguments],
        env=os.environ | how,
        cwd=how.get("PWD"),
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_commands_run_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "data").mkdir(0o700)
    with dashboard.connect(tmp_path / "data" / "accounts.duckdb", create=True) as store:
        dashboard.load_demo(store, date.today())
    for line in "".join(blocks("console")).splitlines():
        name, *arguments = shlex.split(line.removeprefix("$ "))
        assert name == "educonnect"
        done = educonnect(*arguments, PWD=str(tmp_path), PYTHONPATH=str(ROOT))
        assert done.returncode == 0, f"{line}: {done.stderr}"


@pytest.mark.parametrize(
    "line",
    [
        line
        for line in "".join(blocks("sh")).splitlines()
        if re.search(r"(^|bin/)educonnect \w", line)
    ],
)
def test_the_commands_of_examples_exist(line: str) -> None:
    _, _, arguments = re.split(r"(^|bin/)educonnect ", line, maxsplit=1)
    words = shlex.split(arguments)
    names = [word for word in words if re.fullmatch(r"[a-z]+", word)]
    shown = educonnect(*names[:2] if names[0] in ("users", "person") else names[:1], "--help")
    assert shown.returncode == 0
    options = [word for word in words if word.startswith("--")]
    assert all(option in shown.stdout for option in options)


def test_every_setting_is_in_the_table_with_its_default() -> None:
    table = GUIDE[GUIDE.index("# Tous les réglages") :]
    rows = dict(re.findall(r"^\| `(\w+)` \| (?:`(.*?)`|–) \|", table, re.MULTILINE))
    assert rows == {name: shown(name) for name in Settings.model_fields}


def shown(name: str) -> str:
    """A default as the table has it; empty where there is none."""
    default = Settings.model_fields[name].default
    if isinstance(default, bool):
        return str(default).lower()
    return "" if default is None else str(default)


@pytest.mark.parametrize("text", blocks("toml"))
def test_the_file_of_settings_is_one(
    text: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "educonnect.toml"
    file.write_text(text, encoding="utf-8")
    monkeypatch.setenv("EDUCONNECT_SETTINGS", str(file))
    assert read_settings().behind_proxy


def test_the_metrics_it_names_are_those_that_are_told(store: Store) -> None:
    meter = Meter(health=Health(store, {"database": ROOT}))
    told = metrics(make_services(store), SessionLimits(), meter)
    named = set(re.findall(r"`(educonnect_[a-z]+_[a-z_]+|educonnect_messages)`", GUIDE))
    assert named - {"educonnect_smtp_password"} == set(re.findall(r"# TYPE (\w+)", told))


@pytest.mark.parametrize("target", re.findall(r"`make ([a-z]+)`", GUIDE + SECURITY))
def test_the_make_targets_exist(target: str) -> None:
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)


def test_the_unit_is_one_that_systemd_takes(tmp_path: Path) -> None:
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        pytest.skip("systemd-analyze is not on this machine")
    [unit] = blocks("ini")
    file = tmp_path / "educonnect.service"
    file.write_text(
        unit.replace("/opt/educonnect/.venv/bin/educonnect", sys.executable), encoding="utf-8"
    )
    verified = subprocess.run([analyze, "verify", str(file)], capture_output=True, text=True)
    about_it = [line for line in verified.stderr.splitlines() if "educonnect.service" in line]
    assert about_it == []
    exposure = subprocess.run(
        [analyze, "security", "--offline=true", "--threshold=25", str(file)],
        capture_output=True,
        text=True,
    )
    assert exposure.returncode == 0, exposure.stdout[-300:]


@contextmanager
def proxied(folder: Path, port: int, plain_port: int, served_at: int) -> Iterator[Path]:
    """The guide's proxy, running with a certificate of its own; the file of its authority."""
    nginx = shutil.which("nginx", path=SYSTEM_PATH)
    if nginx is None:
        said = (
            "The guide's proxy is not tried: install nginx (Debian: `apt-get install nginx-light`)."
        )
        assert not os.environ.get("CI"), said
        pytest.skip(said)
    authority = trustme.CA()
    certificate = authority.issue_cert("localhost")
    certificate.private_key_pem.write_to_path(str(folder / "key.pem"))
    certificate.cert_chain_pems[0].write_to_path(str(folder / "certificate.pem"))
    authority.cert_pem.write_to_path(str(folder / "authority.pem"))
    [server] = blocks("nginx")
    for written, meant in (
        ("comptes.exemple.fr", "localhost"),
        ("listen 443 ", f"listen 127.0.0.1:{port} "),
        ("listen 80;", f"listen 127.0.0.1:{plain_port};"),
        ("127.0.0.1:5006", f"127.0.0.1:{served_at}"),
        ("/etc/educonnect/tls", str(folder)),
    ):
        assert written in server
        server = server.replace(written, meant)
    kinds = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    temporary = "\n".join(f"{kind}_temp_path {folder}/{kind};" for kind in kinds)
    (folder / "nginx.conf").write_text(
        f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
        # Debian's own http block compresses; what the guide says has to hold within it.
        f"events {{}}\nhttp {{\ngzip on;\n{temporary}\n{server}\n}}\n",
        encoding="utf-8",
    )
    command = [nginx, "-c", str(folder / "nginx.conf"), "-p", str(folder)]
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        try:
            _wait_for(f"http://127.0.0.1:{plain_port}/", process)
            yield folder / "authority.pem"
        finally:
            process.terminate()
            process.wait(timeout=30)


def _wait_for(url: str, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        assert process.poll() is None, "nginx ended at once"
        try:
            requests.get(url, timeout=2, allow_redirects=False)
        except requests.ConnectionError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError("nginx does not answer")


@contextmanager
def deployed(folder: Path) -> Iterator[tuple[str, str, Server]]:
    """The demo schools served behind the guide's proxy: its address, its authority, the server."""
    database = folder / "accounts.duckdb"
    with dashboard.connect(database, create=True) as store:
        dashboard.load_demo(store, date.today())
        places = {(Area.SCHOOLS, "0580189R")}
        add(store, SERVER, datetime.now(), "claire", "Claire", Role.DIRECTOR, places, PASSWORD)
    port, plain_port, served_at = free_port(), free_port(), free_port()
    address = f"https://localhost:{port}"
    settings = {"EDUCONNECT_PUBLIC_ADDRESS": address, "EDUCONNECT_BEHIND_PROXY": "true"}
    with (
        proxied(folder, port, plain_port, served_at) as authority,
        run_server(SERVE, database, "/healthz", settings, served_at) as server,
    ):
        assert (
            requests.get(f"http://127.0.0.1:{plain_port}/a", timeout=10, allow_redirects=False)
            .headers["Location"]
            .startswith("https://")
        )
        yield address, str(authority), server


def test_staff_work_through_the_proxy_over_tls(tmp_path: Path, browser: Browser) -> None:
    with deployed(tmp_path) as (address, authority, server):
        with browser.new_context(ignore_https_errors=True, locale="fr-FR") as context:
            page = context.new_page()
            page.goto(f"{address}/comptes")
            page.get_by_label("Identifiant").fill("claire")
            page.get_by_label("Mot de passe", exact=True).fill(PASSWORD)
            page.get_by_role("button", name="Se connecter").click()
            # what the tab shows comes by the websocket
            page.get_by_role("tab", name="Responsables").click()
            expect(page.get_by_text("238 comptes trouvés")).to_be_visible()
            cookies = {cookie["name"]: cookie["secure"] for cookie in context.cookies()}
            assert cookies["staff"]
        answer = requests.get(f"{address}/", verify=authority, timeout=10)
        assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
        assert "nginx/" not in answer.headers.get("Server", "")
        assert requests.get(f"{address}/metrics", verify=authority, timeout=10).status_code == 404
        assert "educonnect_" in requests.get(f"{server.address}/metrics", timeout=10).text
        checked = educonnect(
            "check",
            EDUCONNECT_DATABASE=str(tmp_path / "accounts.duckdb"),
            EDUCONNECT_PUBLIC_ADDRESS=address,
            EDUCONNECT_BEHIND_PROXY="true",
            REQUESTS_CA_BUNDLE=authority,
        )
        found = [re.split(r"\s{2,}", line, maxsplit=1)[-1] for line in checked.stdout.splitlines()]
        assert "Proxy : il dit que les demandes viennent par TLS." in found
        assert any("tenue par le tableau de bord en service" in line for line in found)


def test_pages_are_never_compressed_and_files_are(tmp_path: Path) -> None:
    with deployed(tmp_path) as (address, authority, _), requests.Session() as visitor:
        visitor.verify, visitor.trust_env = authority, False
        page = visitor.get(f"{address}/", timeout=10)
        token = re.search(r'name="_xsrf" value="([^"]*)"', page.text)
        assert token is not None
        form = {"_xsrf": token[1], "login": "claire", "password": PASSWORD, "user": "", "next": ""}
        inside = visitor.post(f"{address}/", form, headers={"Referer": address}, timeout=30)
        assert '"token":"' in inside.text
        pages = ["/", "/comptes", "/mot-de-passe", "/activation", "/activation/oubli", "/nowhere"]
        for path in [*pages, "/healthz", "/aide"]:
            answer = visitor.get(f"{address}{path}", timeout=30)
            assert "Content-Encoding" not in answer.headers, path
        files = re.findall(r'(?:src|href)="(/?[^"]*static/[^"]+\.(?:js|css)[^"]*)"', inside.text)
        files += re.findall(r'(?:src|href)="(/theme/[^"]+\.(?:js|css))"', page.text)
        assert len(files) > 3
        for file in files:
            answer = visitor.get(f"{address}/{file.lstrip('/')}", timeout=30)
            assert answer.status_code == 200, file
            if len(answer.content) > 1024:
                assert answer.headers["Content-Encoding"] == "gzip", file
            assert "Set-Cookie" not in answer.headers


def test_one_address_has_no_more_connections_than_the_guide_says(tmp_path: Path) -> None:
    [most] = re.findall(r"limit_conn +visitors (\d+);", GUIDE)
    begun = b"POST /activation HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\nhalf"
    with deployed(tmp_path) as (address, authority, server), ExitStack() as stack:
        context, port = ssl.create_default_context(cafile=authority), int(address.split(":")[-1])
        for _ in range(int(most)):
            plain = stack.enter_context(socket.create_connection(("127.0.0.1", port), 10))
            one = stack.enter_context(context.wrap_socket(plain, server_hostname="localhost"))
            one.sendall(begun)
        deadline = time.monotonic() + 10
        status = 0
        while status != 503 and time.monotonic() < deadline:
            status = requests.get(f"{address}/", verify=authority, timeout=10).status_code
        assert status == 503
        assert requests.get(f"{server.address}/healthz", timeout=10).status_code == 200


def test_what_a_visitor_says_of_themselves_is_not_believed(tmp_path: Path) -> None:
    """Thirty failures are one source's, whatever each says of where it comes from."""
    with deployed(tmp_path) as (address, authority, _):
        answers = []
        with requests.Session() as visitor:
            visitor.verify, visitor.trust_env = authority, False
            for number in range(31):
                forged = f"192.0.2.{number}"
                headers = {"X-Forwarded-For": forged, "X-Real-IP": forged, "X-Scheme": "http"}
                page = visitor.get(f"{address}/", headers=headers, timeout=10)
                token = re.search(r'name="_xsrf" value="([^"]*)"', page.text)
                assert token is not None
                form = {
                    "_xsrf": token[1], "login": f"user{number}", "password": "x", "user": "",
                    "next": "",
                }  # fmt: skip
                told = visitor.post(
                    f"{address}/", form, headers={**headers, "Referer": address}, timeout=10
                )
                answers.append("Trop d'essais" in told.text.replace("&#39;", "'"))
        assert answers == [False] * 30 + [True]
