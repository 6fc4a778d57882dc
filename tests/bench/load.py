"""The load: `wrk` with a new random key for each request."""

from __future__ import annotations

import re
import shutil
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

SCRIPT = """
local host = "%(nonce)s"
local accounts = %(accounts)d
local thread_count = 0
function setup(thread) thread:set("id", thread_count); thread_count = thread_count + 1 end
function init(args) math.randomseed(id * 7919 + os.time()); n = 0 end
function request()
  n = n + 1
  local account = "%(account)s"
  if accounts > 1 then account = account .. "-" .. math.random(accounts) end
  local headers = {
    ["Content-Type"] = "application/json",
    ["Authorization"] = "Bearer %(token)s",
    ["Idempotency-Key"] = string.format("%%s-%%x-%%d-%%d", host, math.random(2^30), id, n),
  }
  local body = '{"account":"' .. account .. '","member":"%(member)s","action":"deploy"}'
  return wrk.format("POST", "%(path)s", headers, body)
end
function done(summary, latency, requests)
  io.write(string.format("RESULT %%f %%f %%f %%d\\n",
    summary.requests / summary.duration * 1e6, latency:percentile(50) / 1000,
    latency:percentile(99) / 1000, summary.errors.status + summary.errors.timeout))
end
"""


@dataclass(frozen=True)
class Load:
    """What one run of the load measured; times in milliseconds."""

    per_second: float
    p50: float
    p99: float
    errors: int


@dataclass(frozen=True)
class Target:
    """Where the load goes, and as whom."""

    port: int
    token: str
    account: str
    member: str
    accounts: int = 1


def press(target: Target, path: str, connections: int, seconds: float) -> Load:
    """Send requests as fast as they are answered, from that many connections."""
    wrk = shutil.which("wrk")
    if wrk is None:
        raise SystemExit("The bench needs wrk: install the package `wrk`.")
    script = SCRIPT % {"path": path, "nonce": path.strip("/").replace("/", "-"), **vars(target)}
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "load.lua"
        file.write_text(script)
        done = subprocess.run(
            [
                wrk,
                f"-t{min(2, connections)}",
                f"-c{connections}",
                f"-d{seconds:.0f}s",
                "--timeout=10s",
                "-s",
                file,
                f"http://127.0.0.1:{target.port}",
            ],
            capture_output=True,
            text=True,
            check=True,
        )
    found = re.search(r"RESULT (\S+) (\S+) (\S+) (\d+)", done.stdout)
    if found is None:
        raise RuntimeError(f"wrk said nothing that we understand: {done.stdout}{done.stderr}")
    return Load(float(found[1]), float(found[2]), float(found[3]), int(found[4]))
