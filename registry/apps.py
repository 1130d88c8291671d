"""The registry app: inventory, evidence, gates, reviews, audit and access."""

from django.apps import AppConfig
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured


class RegistryConfig(AppConfig):
    """Registers this app's gates and material when Django starts."""

    name = "registry"

    def ready(self) -> None:
        """Fill the two plug-points with what registry itself asks and binds."""
        from registry import address_grammars, release_gates  # noqa: F401
        from registry.actions import policies  # noqa: F401
        from registry.cards import record  # noqa: F401
        from registry.datasets import gates, licences, links  # noqa: F401
        from registry.decision import facts, gates as decision_gates  # noqa: F401
        from registry.imports import inventory, releases, supply as supply_sheets  # noqa: F401
        from registry.lists import data_use, decisions, entries, supply, tables  # noqa: F401
        from registry.policies import kinds  # noqa: F401
        from registry.registers.installing import install
        from registry.release_life import gates as later_gates  # noqa: F401
        from registry.supply import allowed  # noqa: F401

        address_grammars.put_off()
        install()
        from registry.registers import conditions  # noqa: F401 - it asks which kinds there are

        tables.install()
        require_known_duties(settings.SECOND_FACTOR_DUTIES)


def require_known_duties(names: list[str]) -> None:
    """Refuse to start with a name that is none: a slip of the pen would let a duty do without a second factor."""
    from registry.access import ROLES
    from registry.models import Duty

    unknown = sorted(set(names) - set(Duty.values) - set(ROLES))
    if unknown:
        raise ImproperlyConfigured(
            f"ATTESTRY_SECOND_FACTOR_DUTIES names {', '.join(unknown)}, which is no duty. "
            f"Known are the permission roles {', '.join(ROLES)} and the duties {', '.join(Duty.values)}."
        )
