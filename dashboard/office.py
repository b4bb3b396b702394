"""What an installation's settings make: the key, the way messages leave, what papers say."""

import tomllib
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from dashboard.actions.office import Office
from dashboard.actions.provider_desk import ProviderDesk
from dashboard.actions.send_messages import Mailing
from dashboard.actions.staff_desk import StaffDesk
from dashboard.credentials.links import load_signer
from dashboard.credentials.openid import OpenIdClient, OpenIdSettings
from dashboard.domain.claims import claim_rules
from dashboard.domain.message import Letterhead
from dashboard.domain.problem import Refused
from dashboard.domain.scope import Role
from dashboard.public.staff import RETURN
from dashboard.settings import Settings
from dashboard.store.engine import MEMORY, Store
from dashboard.transport.delivery import Transport
from dashboard.transport.maildir import Maildir
from dashboard.transport.smtp import SmtpServer


def open_office(
    store: Store, settings: Settings, served_at: str, clock: Callable[[], datetime] = datetime.now
) -> Office:
    """The office of a store; `served_at` is the address of the program where none is set.

    Raises:
        Refused: the key cannot be read or made.
    """
    file = None if store.url == MEMORY else Path(store.url)
    beside = file or Path("accounts.duckdb")
    folder = None if settings.smtp_host else settings.mail_folder or beside.with_suffix(".mail")
    address = (settings.public_address or served_at).rstrip("/")
    return Office(
        store,
        load_signer(key_file(store, settings)),
        address,
        Letterhead(f"{address}/activation", settings.help_contact),
        Mailing(
            _server(settings) if folder is None else Maildir(folder),
            settings.mail_from,
            settings.mails_per_minute,
        ),
        clock,
        folder,
    )


def key_file(store: Store, settings: Settings) -> Path | None:
    """The file of the installation's key: beside the database; none for one in memory."""
    beside = None if store.url == MEMORY else Path(store.url).with_suffix(".key")
    return settings.key_file or beside


def _server(settings: Settings) -> Transport:
    return SmtpServer(
        settings.smtp_host,
        settings.smtp_port,
        settings.smtp_security,
        settings.smtp_username,
        settings.smtp_password.get_secret_value(),
        ca_file=settings.smtp_ca_file,
    )


def open_provider(desk: StaffDesk, settings: Settings, office: Office) -> ProviderDesk | None:
    """The provider that signs staff in, if the settings name one.

    Raises:
        Refused: with what is wrong with its settings, or with the rules for its claims.
    """
    if not settings.openid_issuer:
        return None
    if settings.openid_claims is None:
        raise Refused(["EDUCONNECT_OPENID_CLAIMS : indiquez le fichier des règles (TOML)."])
    try:
        table = tomllib.loads(settings.openid_claims.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise Refused([f"« {settings.openid_claims} » : {error}"]) from error
    stated = OpenIdSettings(
        settings.openid_issuer,
        settings.openid_client_id,
        settings.openid_client_secret.get_secret_value(),
        f"{office.public_address}{RETURN}",
        ca_file=settings.openid_ca_file,
    )
    rules = claim_rules(table, [role.value.lower() for role in Role])
    return ProviderDesk(desk, OpenIdClient(stated, office.clock), rules)
