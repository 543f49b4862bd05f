"""Which mismatch follows from which: what diverged once differs ever after.

When a call fails on one side, what it was about is not the same on both sides any more, and what it would have made
has no partner. A later mismatch that is about such a thing follows from the first one. Texts are names and ids; this
file does not know where they come from.
"""

from collections.abc import Collection, Iterable

from cloudmock_contract.values.bounded_dict import BoundedDict

MAX_TEXTS = 100_000


class Divergence:
    """What has diverged in one run, and in which exchange."""

    def __init__(self) -> None:
        self._roots = BoundedDict[str, str](MAX_TEXTS)
        self._sound = BoundedDict[str, None](MAX_TEXTS)

    def root_of(self, names: Collection[str], values: Iterable[Collection[str]] = ()) -> str:
        """The id of the exchange in which the first of these diverged; empty if none did.

        `names`: of what the request is about. `values`: the texts in each difference, of which every one has to be
        explained by something that diverged.
        """
        for name in sorted(names):
            if name in self._roots:
                return self._roots[name]
        first_root = ""
        for texts in values:
            root = next((self._roots[text] for text in texts if text in self._roots), "")
            if not root:
                return ""
            first_root = first_root or root
        return first_root

    def diverged(self, texts: Iterable[str], root: str) -> None:
        """These are not the same on both sides since this exchange."""
        for text in texts:
            if text not in self._roots:
                self._roots[text] = root

    def sound(self, texts: Iterable[str]) -> None:
        """These are there on both sides."""
        for text in texts:
            if text not in self._sound:
                self._sound[text] = None

    def new(self, texts: Iterable[str]) -> set[str]:
        """Those that were never there on both sides."""
        return {text for text in texts if text not in self._sound}
