"""Spares a start the import of mitmproxy's default addons, which the wrapper's own master does not have.

`mitmproxy.addons` imports them all when anything in it is imported, with a web framework and an LDAP client: a quarter
of the time that a start takes. It can go when mitmproxy imports them where they are used. This file does not import
mitmproxy.
"""

import importlib.util
import sys

_PACKAGE = "mitmproxy.addons"


def skip_default_addons() -> None:
    """Let `mitmproxy.addons` be a package whose modules are there when asked for, and not before.

    For a process of the wrapper's own, before anything of mitmproxy is imported; not where mitmweb is to run. Does
    nothing if the package has been imported.
    """
    if _PACKAGE not in sys.modules and (spec := importlib.util.find_spec(_PACKAGE)):
        sys.modules[_PACKAGE] = importlib.util.module_from_spec(spec)
