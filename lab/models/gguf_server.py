"""The child process that serves a GGUF file: what to serve comes in a line of JSON, the address goes out in one.

    echo '{"path": "model.gguf", "layout": "chat", "key": "secret"}' | python -m lab.models.gguf_server

It ends when its standard input does.
"""

from __future__ import annotations

import json
import sys

from lab.models.gguf import N_SLOTS, SLOT_TOKENS

# The words of all messages, a line each, and no mark of who speaks.
PLAIN = "{% for message in messages %}{{ message.content }}\n{% endfor %}"


def serve(path: str, layout: str, key: str) -> None:
    """Serve a file on a free port of 127.0.0.1 until standard input ends."""
    import xllamacpp

    how = xllamacpp.CommonParams()
    how.model.path = path
    how.hostnames, how.port, how.api_keys = ["127.0.0.1"], 0, [key]
    how.cors_origins, how.ui = "", False
    how.n_parallel, how.n_ctx, how.kv_unified = N_SLOTS, N_SLOTS * SLOT_TOKENS, False
    how.cache_prompt, how.cache_ram_mib = False, 0  # what was asked before must not change a reply
    how.warmup, how.verbosity = False, 0
    if layout == "plain":
        how.chat_template = PLAIN
    served = xllamacpp.Server(how)
    sys.stdout.write(f"{served.listening_address}\n")
    sys.stdout.flush()
    sys.stdin.read()


if __name__ == "__main__":
    serve(**json.loads(sys.stdin.readline()))
