"""A browser without scripts: it reads pages, fills their forms in and follows what comes back."""

from contextvars import Context
from urllib.parse import urljoin, urlsplit

from lxml import html

from tests.conftest import PASSWORD


class Page:
    """One answer, as a person would read it."""

    def __init__(self, answer, path):
        self.status = answer.status_code
        self.headers = answer.headers
        self.path = path
        self.source = answer.get_data(as_text=True)
        self.tree = html.fromstring(self.source or "<p></p>") if is_html(answer) else None

    @property
    def main(self):
        """The words of the page's main part."""
        return words(self.tree.get_element_by_id("main"))

    @property
    def title(self):
        """The words of the first heading."""
        return words(self.tree.find(".//h1"))

    def links(self, inside="//main"):
        """Where the links of a part lead to."""
        return self.tree.xpath(f"{inside}//a/@href")

    def actions(self):
        """Where the forms of the main part post to."""
        forms = self.tree.xpath("//main//form[@method='post']")
        return [form.get("action") or self.path for form in forms]

    def rows(self, labelled):
        """The rows of a table's body, each as the words of its cells."""
        rows = self.tree.xpath(f"//table[@aria-labelledby='{labelled}']/tbody/tr")
        return [[words(cell) for cell in row] for row in rows]

    def errors(self):
        """What the page says is wrong with the input."""
        found = "//main//*[@class='field-error' or @role='alert']"
        return [words(each) for each in self.tree.xpath(found)]


class Browser:
    """One browser with its cookies."""

    def __init__(self, app):
        self.client = app.test_client()

    def ask(self, path, method="GET", **more):
        """Send one request as a server gets it: with nothing left over from the test's context."""
        return Context().run(self.client.open, path, method=method, buffered=True, **more)

    def get(self, path, **more):
        """Open a page, and go where it sends us."""
        answer = self.ask(path, **more)
        while answer.status_code in (301, 302, 303):
            path = on_site(path, answer.headers["Location"])
            answer = self.ask(path)
        return Page(answer, path)

    def submit(self, path, /, action=None, **fields):
        """Fill in a form that the page really has, send it, and go where it leads."""
        page = self.get(path)
        wanted = action or page.path
        found = [each for each in page.tree.forms if (each.get("action") or page.path) == wanted]
        assert found, f"no form of {path} posts to {wanted}; there are {page.actions()}"
        values = {name: value or "" for name, value in found[0].fields.items() if name}
        assert set(fields) <= set(values), (fields, values)
        return self.follow(self.ask(wanted, "POST", data=values | fields), wanted)

    def send(self, path, /, **fields):
        """Post with a good CSRF token what no form offers; the answer itself, not followed."""
        return self.ask(path, "POST", data=fields | {"csrf_token": self.token()})

    def token(self):
        """A CSRF token as the pages of this browser carry it."""
        return self.get("/profile").tree.xpath("//input[@name='csrf_token']/@value")[0]

    def follow(self, answer, path):
        """Go where an answer leads."""
        if answer.status_code in (302, 303):
            return self.get(on_site(path, answer.headers["Location"]))
        return Page(answer, path)

    def sign_in(self, email, password=PASSWORD):
        """Sign in through the form."""
        page = self.submit("/sign-in", email=email, password=password)
        assert page.path == "/", page.main
        return self


def on_site(path, location):
    """Where a redirect leads, which is never another site."""
    parts = urlsplit(urljoin(path, location))
    assert not parts.netloc, location
    return parts._replace(fragment="").geturl()


def is_html(answer):
    """Tell whether an answer is a page."""
    return answer.mimetype == "text/html"


def words(element):
    """The words of an element, as they are read."""
    return " ".join(element.text_content().split())
