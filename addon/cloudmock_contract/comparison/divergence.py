"""Which mismatch follows from which: what diverged once differs ever after.

When a call fails on one side, what it was about is not the same on both sides any more, and what it would have made
has no partner. A later mismatch that is about such a thing follows from the first one. Texts are names and ids; this
file does not know where they come from.
"""

from collections.abc import Collection, Iterable

MAX_TEXTS = 100_000


class Divergence:
    """What has diverged in one run, and in which exchange."""

    def __init__(self) -> None:
        self._roots: dict[str, str] = {}
        self._sound: dict[str, None] = {}

    def root_of(self, subjects: Collection[str], values: Iterable[Collection[str]] = ()) -> str:
        """The id of the exchange in which the first of these diverged; empty if none did.

        `subjects`: what the request is about. `values`: the texts in each difference, of which every one has to be
        explained by something that diverged.
        """
        for text in sorted(subjects):
            if root := self._roots.get(text):
                return root
        found = ""
        for texts in values:
            root = next((self._roots[text] for text in texts if text in self._roots), "")
            if not root:
                return ""
            found = found or root
        return found

    def diverged(self, texts: Iterable[str], root: str) -> None:
        """These are not the same on both sides since this exchange."""
        for text in texts:
            self._roots.setdefault(text, root)
        _forget_the_oldest(self._roots)

    def sound(self, texts: Iterable[str]) -> None:
        """These are there on both sides."""
        self._sound.update(dict.fromkeys(texts))
        _forget_the_oldest(self._sound)

    def new(self, texts: Iterable[str]) -> set[str]:
        """Those that were never there on both sides."""
        return {text for text in texts if text not in self._sound}


def _forget_the_oldest(texts: dict[str, str] | dict[str, None]) -> None:
    while len(texts) > MAX_TEXTS:
        del texts[next(iter(texts))]
