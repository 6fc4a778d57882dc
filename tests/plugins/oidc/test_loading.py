"""What reads tokens is loaded late: who doesn't use it, pays nothing."""

import subprocess
import sys

HEAVY = {"joserfc", "authlib", "cryptography"}


def test_finding_the_plugin_loads_nothing_heavy():
    check = "import plugins.sso_oidc, sys; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", check], capture_output=True, text=True, check=True)
    assert not HEAVY & {name.partition(".")[0] for name in done.stdout.split()}
