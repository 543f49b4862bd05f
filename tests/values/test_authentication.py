"""How requests are authenticated."""

from cloudmock_contract.values.authentication import Authentication, Style, Version


def test_what_is_not_authenticated_has_no_scope() -> None:
    """A request that nobody signed names no key, region or service."""
    signed = Authentication(Style.NONE)

    assert (Version.NONE, "", "", "") == (signed.version, signed.access_key, signed.region, signed.signing_name)
