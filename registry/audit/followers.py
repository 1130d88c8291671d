"""What follows an entry of the log: an app registers a function with `@follows`, and it runs in the same transaction."""

from collections import defaultdict
from collections.abc import Callable
from typing import Any, Final

Follower = Callable[[Any, Any], None]
FOLLOWERS: Final[dict[str, list[Follower]]] = defaultdict(list)


def follows(*actions: str) -> Callable[[Follower], Follower]:
    """Register a function of the actor and the row that changed, for entries of these actions."""

    def register(follower: Follower) -> Follower:
        for action in actions:
            FOLLOWERS[action].append(follower)
        return follower

    return register


def tell(actor: Any, action: str, obj: Any) -> None:
    """Let everything that follows the action run; a refusal of theirs refuses the change itself."""
    for follower in FOLLOWERS.get(action, ()):
        follower(actor, obj)
