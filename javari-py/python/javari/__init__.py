"""A complete AI operations backbone in one dependency.

    import javari

    with javari.Javari.open("javari.db") as opened:
        user = opened.users.ensure(email="ann@example.com")
        scope = opened.scope(user=user["id"])
        scope.vault.put(name="STRIPE", value="sk-1")

`AsyncJavari` has the same rooms for asyncio. Every call on a scope touches that scope's data alone.
"""

from . import errors, types
from ._javari import Stream, __version__
from .client import AsyncJavari, AsyncScope, Javari, Scope
from .errors import *  # noqa: F403

__all__ = ["AsyncJavari", "AsyncScope", "Javari", "Scope", "Stream", "__version__"]
__all__ += ["errors", "types"]
__all__ += errors.__all__
