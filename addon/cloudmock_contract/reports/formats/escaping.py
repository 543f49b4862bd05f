"""Text from the network as it may be shown. This file does not know what the text means."""


def printable(text: str) -> str:
    """The text with everything escaped that a terminal might act on: it may come from the network."""
    return "".join(character if character.isprintable() else ascii(character)[1:-1] for character in text)
