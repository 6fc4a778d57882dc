"""VERBS: what an account's owner wants on its invoices as the buyer."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from app.domain.invoice import Party
from app.domain.name import name_from, text_from
from app.domain.refusals import InvalidRequest
from app.domain.role import Access, Right
from app.services.audit.note import note
from app.services.people.read_address import read_address
from app.services.workspaces.access import present_access
from app.store.accounts import account_by_id, owner_of
from app.store.database import add, transaction
from app.store.invoices import BillingDetails, billing_details

LONGEST_ADDRESS = 500
MOST_LINES = 6
LONGEST_TAX_NUMBER = 40


@dataclass(frozen=True, slots=True)
class Details:
    """A buyer's name, postal address in lines, tax number and address for invoices."""

    name: str = ""
    address: str = ""
    tax_number: str = ""
    email: str = ""


def details_of(access: Access) -> Details:
    """Show what the owner set; nothing is the empty text."""
    access.require(Right.MANAGE_BILLING)
    row = billing_details(access.account_id)
    return Details(row.name, row.address, row.tax_number, row.email) if row else Details()


def set_details(access: Access, details: Details) -> None:
    """Set what the next invoices say; those that were written stay as they are."""
    tidy = _tidied(details)
    with transaction():
        _, present = present_access(access, Right.MANAGE_BILLING)
        row = billing_details(access.account_id)
        if row is None:
            row = BillingDetails(account_id=access.account_id)
        before = asdict(details_of(access))
        row.name, row.address = tidy.name, tidy.address
        row.tax_number, row.email = tidy.tax_number, tidy.email
        add(row)
        note("billing.details", present, before=before, after=asdict(tidy))


def buyer_of(account_id: int) -> Party:
    """The buyer on an account's invoices: what the owner set, else the account and its owner."""
    account, row = account_by_id(account_id), billing_details(account_id)
    assert account is not None
    set_ = Details(row.name, row.address, row.tax_number, row.email) if row else Details()
    return Party(
        set_.name or account.name,
        tuple(set_.address.splitlines()),
        set_.tax_number,
        set_.email or owner_of(account_id).person.email,
    )


def _tidied(details: Details) -> Details:
    lines = [line.strip() for line in text_from(details.address, "address").splitlines()]
    address = "\n".join(line for line in lines if line)
    if len(address) > LONGEST_ADDRESS or address.count("\n") >= MOST_LINES:
        message = f"Use at most {MOST_LINES} lines and {LONGEST_ADDRESS} characters."
        raise InvalidRequest.of("address", message)
    tax_number = details.tax_number.strip()
    if tax_number and len(name_from(tax_number, "tax_number")) > LONGEST_TAX_NUMBER:
        message = f"Use at most {LONGEST_TAX_NUMBER} characters."
        raise InvalidRequest.of("tax_number", message)
    return Details(
        name_from(details.name, "name") if details.name.strip() else "",
        address,
        tax_number,
        read_address(details.email) if details.email.strip() else "",
    )
