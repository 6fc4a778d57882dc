"""Forms that show what they will bring about before they do it, without scripts.

Sent for the first time the page comes back with the preview and a mark of what was sent. Sent
again unchanged, with that mark, it takes effect; changed meanwhile, there is a new preview.
"""

from __future__ import annotations

from hashlib import sha256

from wtforms import HiddenField

from app.web.pages.form import Form

NO_VALUES = ("csrf_token", "sure")


class SureForm(Form):
    """A form with a preview. `is_sure` tells whether the preview was seen."""

    sure = HiddenField()
    previewed = False

    def is_sure(self) -> bool:
        """Tell whether this very input was previewed; if not, it is now."""
        values = sorted((f.name, str(f.data)) for f in self if f.name not in NO_VALUES)
        mark = sha256(repr(values).encode()).hexdigest()[:16]
        seen, self.sure.data = self.sure.data, mark
        self.previewed = True
        return bool(seen == mark)
