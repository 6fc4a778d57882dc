"""An upstream of AI models that speaks as OpenAI does, and that we did not write.

A model may carry a scenario: `gpt-4.1:mock-500` fails, say. `gpt-4.1:mock-delay` answers with its
prompt: the longer that is, the longer the stream, eight words every 80 ms.
"""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

INSTALLED = Path(sys.prefix) / "ai-upstream"
SERVER = Path(__file__).with_name("ai_models.py")
COMMAND = (sys.executable, "-S", "-P", str(SERVER))


@contextlib.contextmanager
def running() -> Iterator[str]:
    """Serve on loopback, in a process that ends with this block or with us.

    Yields:
        The address that an OpenAI client takes as its `base_url`.
    """
    if not (INSTALLED / "installed").exists():
        pytest.fail(f"The tests' AI upstream is not installed: make {INSTALLED}/installed")
    with subprocess.Popen(
        COMMAND,
        env={**os.environ, "PYTHONPATH": str(INSTALLED)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    ) as serving:
        assert serving.stdout is not None
        try:
            yield f"http://127.0.0.1:{int(serving.stdout.readline())}/v1"
        finally:
            serving.kill()
