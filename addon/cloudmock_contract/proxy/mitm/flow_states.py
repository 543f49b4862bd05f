"""What the addon and its layers tell each other of a flow while it is under way, and nobody else is to see.

A flow's metadata is copied, saved and shown; what is signed with the user's credentials must not be there. A state is
there from a flow's request headers until its end. This file knows mitmproxy's messages, and not what they say.
"""

from collections.abc import Callable
from dataclasses import dataclass

from mitmproxy.http import Request


@dataclass(slots=True)
class FlowState:
    """Of one flow that goes through the addon's own layers."""

    signed_request: Request | None = None
    """What AWS gets in the place of the request that the flow shows."""
    slow_stream: Callable[[bytes], bytes] | None = None
    """What the reply's body passes through to the app from when it has been held too long."""
    is_too_large: bool = False
    """Whether the request's body could not be held, and is gone."""
    has_own_answer: bool = False
    """Whether the addon has set the response in the error hook: the app is to have it."""
    has_own_error: bool = False
    """Whether the flow's error is a sentence of this package's, and none of mitmproxy's."""


class FlowStates:
    """Those of a run, by the flow's id. Belongs to the event loop."""

    def __init__(self) -> None:
        self._states: dict[str, FlowState] = {}

    def open(self, flow_id: str) -> FlowState:
        """The state of a flow that begins."""
        state = self._states[flow_id] = FlowState()
        return state

    def get(self, flow_id: str) -> FlowState | None:
        """The state of a flow; None if it goes through other layers, or has ended."""
        return self._states.get(flow_id)

    def drop(self, flow_id: str) -> None:
        """The flow has ended."""
        self._states.pop(flow_id, None)

    def __len__(self) -> int:
        return len(self._states)
