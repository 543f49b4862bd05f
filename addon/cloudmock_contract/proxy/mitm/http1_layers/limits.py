"""How much is held, and for how long."""

MAX_HEAD_BYTES = 2**20
"""Of the head of a request or a reply."""

MAX_HELD_BYTES = 128 * 2**20
"""Of a body that is not streamed. AWS takes no larger ones but as payload, which is streamed."""

MAX_HELD_SECONDS = 1.0
"""How long a reply's body is held that is not streamed from the start: SDKs give up when nothing comes."""

MAX_COALESCED_BYTES = 2**16
"""That are copied together to be sent at once: more are not worth the copy."""

MAX_PERSISTENT_CONNECTIONS = 1_000
"""The app's connections from which on none keeps its own connection to AWS: a process can have only so many."""
