"""What a model writes becomes files, in whatever pieces, even when it forgets the format."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.runner_openai.reading import Reader, TooMuch

TWO = """Here you are:
@@@ FILE index.html
<h1>Hi</h1>

<script src="a.js"></script>
@@@ END
@@@ FILE js/a.js
```js
let a = `x`;
```
@@@ END
@@@ DELETE old.html
Enjoy!
"""
FILES = [
    ("index.html", '<h1>Hi</h1>\n\n<script src="a.js"></script>\n'),
    ("js/a.js", "let a = `x`;\n"),
    ("old.html", None),
]


def read(*pieces):
    reader = Reader()
    found = [one for piece in pieces for one in reader.feed(piece)]
    return [(one.path, one.content) for one in (*found, *reader.end())]


def test_files_are_read():
    assert read(TWO) == FILES
    assert read(TWO.replace("\n", "\r\n")) == FILES


@given(st.lists(st.integers(0, len(TWO)), max_size=30))
def test_pieces_do_not_matter(cuts):
    places = [0, *sorted(cuts), len(TWO)]
    assert read(*(TWO[a:b] for a, b in itertools.pairwise(places))) == FILES


@pytest.mark.parametrize(
    ("text", "files"),
    [
        ("", []),
        ("I can't do that.", []),
        ("@@@ FILE a.txt\none", [("a.txt", "one\n")]),
        ("@@@ FILE a.txt\none\n@@@ FILE b.txt\ntwo\n", [("a.txt", "one\n"), ("b.txt", "two\n")]),
        ("@@@ file: `a.txt`\none\n@@@ end\n", [("a.txt", "one\n")]),
        ("@@@ FILE\none\n@@@ END", []),
        ("@@@ FILE a.txt\n@@@ END", [("a.txt", "")]),
        ("```html\n<h1>\n```", [("index.html", "<h1>\n")]),
        ("```\nx\n```", []),
        ("### `css/a.css`\n\n```css\na {}\n```\n", [("css/a.css", "a {}\n")]),
        ("```css css/a.css\na {}\n```\n", [("css/a.css", "a {}\n")]),
        (
            "**index.html**:\n```html\n<h1>\n```\nand app.py:\n~~~python\nx = 1\n~~~\n",
            [("index.html", "<h1>\n"), ("app.py", "x = 1\n")],
        ),
        ("```html\n<h1> never closed", []),
        ("````md README.md\n```\ninner\n```\n````\n", [("README.md", "```\ninner\n```\n")]),
    ],
)
def test_what_models_like_to_write(text, files):
    assert read(text) == files


@given(st.text(alphabet="@`~ FILEND\nabc./", max_size=200))
def test_nothing_that_is_written_raises(text):
    for path, _ in read(text):
        assert path


def test_what_never_ends_is_too_much():
    with pytest.raises(TooMuch):
        read(*["x" * 1_000_000] * 20)
