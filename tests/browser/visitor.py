"""Somebody at a browser: what they open and do, and everything the browser complained about."""

from playwright.sync_api import BrowserContext, ConsoleMessage, Page, expect

REFUSED = "Failed to load resource: the server responded with a status of"


class Visitor:
    """One person in one browser window. Complaints of the browser are kept until the end."""

    def __init__(self, context: BrowserContext, url: str):
        self.context = context
        self.url = url
        self.complaints: list[str] = []
        self.refused: set[str] = set()
        context.on("console", self._hear)
        context.on("weberror", lambda error: self.complaints.append(str(error.error)))
        context.on("requestfailed", self._lost)
        self.page: Page = context.new_page()

    def _hear(self, message: ConsoleMessage) -> None:
        address = message.location.get("url", "")
        if message.text.startswith(REFUSED) and address in self.refused:
            return
        if message.type in ("error", "warning", "assert"):
            self.complaints.append(f"{self.page.url}: {message.text} ({address})")

    def _lost(self, request) -> None:
        # Whoever moves on before a page is loaded gives up what is still on its way.
        if request.failure != "net::ERR_ABORTED":
            self.complaints.append(f"{request.url}: {request.failure}")

    def open(self, path: str, status: int = 200) -> Page:
        """Open an address of the portal, or a link that came by mail."""
        address = path if path.startswith(self.url) else self.url + path
        if status >= 400:
            self.may_be_refused(address)
        answer = self.page.goto(address)
        assert answer is not None
        assert answer.status == status, (address, answer.status)
        return self.page

    def may_be_refused(self, path: str) -> None:
        """Expect the portal to refuse what is sent there, which the browser then notes."""
        self.refused.add(path if path.startswith(self.url) else self.url + path)

    def reload(self) -> Page:
        """Load the page again."""
        self.page.reload()
        return self.page

    def sees(self, words: str) -> None:
        """Wait until the page says so."""
        expect(self.page.locator("main")).to_contain_text(words)

    def headed(self, words: str) -> None:
        """Wait for the page with that heading."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(words)

    def press(self, words: str) -> None:
        """Press the button with exactly these words."""
        self.page.get_by_role("main").get_by_role("button", name=words, exact=True).click()

    def follow(self, words: str) -> None:
        """Follow the link with exactly these words, in the page's main part."""
        self.page.get_by_role("main").get_by_role("link", name=words, exact=True).first.click()

    def tab(self, account: str, words: str) -> None:
        """Go to another page of the account."""
        tabs = self.page.get_by_role("navigation", name=account, exact=True)
        tabs.get_by_role("link", name=words, exact=True).click()

    def fill(self, **fields: str) -> None:
        """Fill in fields, found by their labels; spaces are written as underscores."""
        for label, value in fields.items():
            self.page.get_by_label(label.replace("_", " "), exact=True).fill(value)

    def sign_in(self, email: str, password: str) -> "Visitor":
        """Sign in through the form."""
        self.open("/sign-in")
        self.page.get_by_label("E-mail", exact=True).fill(email)
        self.fill(Password=password)
        self.press("Sign in")
        expect(self.page.get_by_role("heading", level=1)).to_contain_text("Hello")
        return self

    def switcher(self) -> dict[str, str]:
        """Open the account switcher: the names of the accounts, with the balances it shows."""
        self.page.locator(".menu-accounts summary").click()
        sheet = self.page.get_by_role("navigation", name="Switch account")
        expect(sheet).to_be_visible()
        balances = {}
        for link in sheet.locator("li a").all():
            name = link.locator(".menu-name").evaluate("it => it.firstChild.textContent")
            balances[name] = link.locator(".pill").evaluate("it => it.firstChild.textContent")
        self.page.locator(".menu-accounts summary").click()
        expect(sheet).to_be_hidden()
        return balances

    def rows(self, labelled: str) -> list[list[str]]:
        """The rows of a table's body, each as the words of its cells."""
        rows = self.page.locator(f"table[aria-labelledby={labelled}] tbody tr")
        expect(rows.first).to_be_visible()
        return [
            [" ".join(cell.split()) for cell in row.locator("th, td").all_inner_texts()]
            for row in rows.all()
        ]
