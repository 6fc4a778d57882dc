"""Settings: every setting of an installation, with its type, default and one line of meaning."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from urllib.parse import urlsplit

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PrivateAttr,
    ValidationInfo,
    field_validator,
)

from app.setting_types import (
    DatabaseAddress,
    MailAddress,
    NameServers,
    Rate,
    SitesHost,
    WebAddress,
    servers_in,
)

ROOT = Path(__file__).resolve().parent.parent
MIB = 1024 * 1024

DEFAULT = "default"

PUBLIC_MAIL_DOMAINS = (
    "tutanota.com, tutanota.de, tuta.com, tuta.io, tutamail.com, keemail.me, hey.com, daum.net, "
    "mailbox.org, mozmail.com, simplelogin.com, passmail.net, privaterelay.appleid.com, "
    "icloud.com.cn, disroot.org, riseup.net, kolabnow.com, startmail.com, onmicrosoft.com"
)


class Settings(BaseModel):
    """The settings of one installation."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=False)

    instance: Path = Field(
        default=ROOT / "instance",
        description="folder of this installation: its configuration, secrets and SQLite database",
    )
    public_url: WebAddress = Field(
        default="",
        description="address that people use, for links in mails; empty is where it listens",
    )
    database_url: DatabaseAddress = Field(
        default="",
        description="sqlite:///path or postgresql://…; empty is coffer.db in the instance folder",
        json_schema_extra={"secret": True},
    )
    secret_key: str = Field(
        default="",
        description="signs cookies and links; empty makes one and keeps it in the instance folder",
        json_schema_extra={"secret": True},
    )
    former_secret_keys: str = Field(
        default="",
        description="secret keys used before, with spaces between: what they sealed is still read",
        json_schema_extra={"secret": True},
    )
    mail_url: MailAddress = Field(
        default="",
        description="smtp://, smtp+starttls:// or smtps://…; empty writes files to instance/mail",
        json_schema_extra={"secret": True},
    )
    mail_from: str = Field(
        default="Coffer <coffer@localhost>",
        min_length=3,
        description="sender of all mails",
    )
    seller_name: str = Field(
        default="Coffer", min_length=1, max_length=100, description="who sells, on invoices"
    )
    seller_address: str = Field(
        default="",
        max_length=500,
        description="the seller's postal address on invoices, its lines parted by semicolons",
    )
    seller_tax_number: str = Field(
        default="", max_length=100, description="the seller's tax number on invoices"
    )
    seller_email: str = Field(
        default="", max_length=254, description="where buyers ask about invoices"
    )
    seller_note: str = Field(
        default="",
        max_length=300,
        description="what else the law wants at the foot of invoices, such as a register's entry",
    )
    invoice_prefix: str = Field(
        default="INV",
        pattern=r"^[A-Z0-9]{1,12}$",
        description="what invoice numbers begin with; a new seller begins anew with another",
    )
    credit_note_prefix: str = Field(
        default="CN",
        pattern=r"^[A-Z0-9]{1,12}$",
        description="what numbers of credit notes begin with",
    )
    host: str = Field(default="127.0.0.1", description="address on which `coffer serve` listens")
    port: int = Field(
        default=8000, ge=1, le=65535, description="port on which `coffer serve` listens"
    )
    workers: int = Field(
        default=0,
        ge=0,
        le=64,
        description="server processes; 0 takes two with PostgreSQL and one with SQLite",
    )
    threads: int = Field(
        default=128,
        ge=1,
        le=1024,
        description="requests that one server process handles at the same time",
    )
    trusted_proxies: int = Field(
        default=0,
        ge=0,
        le=10,
        description="reverse proxies in front whose X-Forwarded headers are believed",
    )
    session_days: int = Field(
        default=30, ge=1, le=365, description="days after which an unused sign-in ends"
    )
    sign_in_rate_limit: Rate = Field(
        default="10/minute", description="attempts to sign in, per address of the caller"
    )
    sso_rate_limit: Rate = Field(
        default="600/minute",
        description="steps of single sign-on, per address of the caller, which offices share",
    )
    rate_limit_per_token: Rate = Field(
        default="600/minute", description="API requests per personal token or app key and process"
    )
    rate_limit_per_service_token: Rate = Field(
        default="1000000/minute", description="API requests per service token and process"
    )
    fetch_from_private_networks: bool = Field(
        default=False,
        description="whether identity providers on private addresses are asked, in http, too",
    )
    webhooks_to_private_networks: bool = Field(
        default=False,
        description="whether webhooks may go to private addresses, in http, too",
    )
    webhook_log_days: int = Field(
        default=30, ge=1, le=365, description="days for which deliveries of webhooks are kept"
    )
    sites_host: SitesHost = Field(
        default="",
        description="host under which each deployed app gets its own, such as apps.example.com",
    )
    ai_url: WebAddress = Field(
        default="",
        description="server of AI models that apps call, such as https://api.openai.com/v1",
    )
    ai_key: str = Field(
        default="",
        description="the key with which Coffer calls it; apps never see it",
        json_schema_extra={"secret": True},
    )
    ai_connect_seconds: float = Field(
        default=5, gt=0, le=60, description="seconds after which reaching it is given up"
    )
    ai_silence_seconds: float = Field(
        default=120, gt=0, le=900, description="seconds of its silence after which a call ends"
    )
    ai_call_seconds: float = Field(
        default=900, gt=0, le=7200, description="seconds that one call may last"
    )
    ai_calls: int = Field(
        default=500,
        ge=1,
        le=5000,
        description="calls of AI models that one server process handles at the same time",
    )
    ai_rate_limit_per_key: Rate = Field(
        default="6000/minute", description="calls of AI models per app key and process"
    )
    max_ai_body_bytes: int = Field(
        default=20 * MIB,
        ge=1024,
        le=100 * MIB,
        description="largest request that is read for an AI model",
    )
    max_body_bytes: int = Field(
        default=MIB, ge=1024, le=100 * MIB, description="largest request that is read"
    )
    max_batch_body_bytes: int = Field(
        default=10 * MIB,
        ge=1024,
        le=100 * MIB,
        description="largest request that is read for a batch of deductions",
    )
    idempotency_key_days: int = Field(
        default=90, ge=1, le=3650, description="days for which idempotency keys are remembered"
    )
    action_minutes: int = Field(
        default=15,
        ge=1,
        le=720,
        description="minutes after which generating, refining or deploying an app is given up",
    )
    actions_at_once: int = Field(
        default=8, ge=1, le=64, description="actions on apps that one scheduler works on at once"
    )
    dns_servers: NameServers = Field(
        default="",
        description="name servers for verifying domains, as address:port; empty is the system's",
    )
    dns_timeout_seconds: float = Field(
        default=5, gt=0, le=60, description="seconds after which a question to DNS is given up"
    )
    public_mail_domains: str = Field(
        default=PUBLIC_MAIL_DOMAINS,
        description="domains of public mail providers that the lists in use lack, with commas",
    )
    clock_shift_seconds: int = Field(
        default=0, description="seconds by which Coffer's clock is ahead, to try what comes later"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="least serious message that is logged"
    )

    @field_validator("sites_host")
    @classmethod
    def keep_sites_apart(cls, host: str, info: ValidationInfo) -> str:
        """Refuse a host for deployed apps that the portal itself is under."""
        portal = urlsplit(info.data.get("public_url", "")).hostname or ""
        sites = host.partition(":")[0]
        if sites and f".{portal}".endswith(f".{sites}"):
            raise ValueError(f"the portal itself is at {portal}; apps need a host beside it")
        return host

    _origins: dict[str, str] = PrivateAttr(default_factory=dict)

    def origin(self, name: str) -> str:
        """Tell where the value of that setting came from."""
        return self._origins.get(name, DEFAULT)

    def note_origins(self, origins: dict[str, str]) -> None:
        """Remember where values came from."""
        self._origins.update(origins)

    @property
    def name_servers(self) -> list[tuple[str, int]]:
        """The name servers for verifying domains, as (address, port); none are the system's."""
        return servers_in(self.dns_servers)

    @property
    def public_domains(self) -> frozenset[str]:
        """The public mail providers that nobody can claim, besides those in the lists."""
        return frozenset(part.strip().lower() for part in self.public_mail_domains.split(","))

    @property
    def is_https(self) -> bool:
        """Tell whether people reach Coffer over TLS."""
        return self.public_url.startswith("https://")

    @property
    def is_sqlite(self) -> bool:
        """Tell whether the database is SQLite."""
        return self.database_url.startswith("sqlite")
