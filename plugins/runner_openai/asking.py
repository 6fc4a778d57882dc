"""What the model is asked: the task, the files that are there, and the format of the answer."""

from __future__ import annotations

from app.hookspecs import Task

MOST_SHOWN = 400_000  # letters of the files that are there; what is beyond is named only

SYSTEM = """You write small web applications. You answer with files and nothing else.

Each file begins with a line of its own, `@@@ FILE` and its path, and ends with the line `@@@ END`:

@@@ FILE path/of/the-file.html
the whole content of the file, as it is, without fences
@@@ END

To delete a file write the line `@@@ DELETE path/of/the-file.html`. Write each file whole. Paths are
relative, with slashes. The page that visitors see first is `index.html`. Use nothing from other
hosts: no fonts, scripts or pictures from the network."""

SIZES = {
    "generate.simple": "Write exactly one file, index.html, with its styles and scripts inside.",
    "generate.standard": "Write several files, at most 30, without a backend.",
    "generate.fullstack": "Write pages, a backend and its database schema, at most 200 files.",
    "refine.simple": "Change at most 3 files. Write only the files that change.",
    "refine.complex": "Change as many files as it needs. Write only the files that change.",
}


def messages(task: Task) -> list[dict[str, str]]:
    """The conversation that asks for it."""
    size = SIZES.get(task.action, "")
    asked = f"The app is called {task.app_name}. {size}\n\n{task.prompt}"
    there = _files(task) if task.kind == "refine" else ""
    return [
        {"role": "system", "content": SYSTEM},
        *([{"role": "user", "content": f"These files are there:\n\n{there}"}] if there else []),
        {"role": "user", "content": asked},
    ]


def _files(task: Task) -> str:
    """The files as the format has them, the smallest first, as many as fit."""
    parts, left = [], MOST_SHOWN
    for path, content in sorted(task.files.items(), key=lambda each: len(each[1])):
        text = _text(content)
        if text is None or len(text) > left:
            parts.append(f"(There is also {path}, {len(content)} bytes, which is not shown.)")
            continue
        left -= len(text)
        end = "" if text.endswith("\n") else "\n"
        parts.append(f"@@@ FILE {path}\n{text}{end}@@@ END")
    return "\n\n".join(parts)


def _text(content: bytes) -> str | None:
    try:
        text = content.decode()
    except UnicodeDecodeError:
        return None
    return None if "\x00" in text else text
