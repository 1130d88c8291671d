"""What the company is made of while it is built: the file, what exists so far, and one system on its way."""

import random
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from registry.models import AISystem, BusinessUnit, Component, DatasetVersion, ModelVersion, User

SOURCE = Path(__file__).parent / "company.yaml"


@cache
def texts() -> dict[str, Any]:
    """The file."""
    return yaml.safe_load(SOURCE.read_text(encoding="utf-8"))  # type: ignore[no-any-return]


@dataclass
class Company:
    """What has been built so far, by the keys of the file."""

    draw: random.Random
    people: dict[str, User] = field(default_factory=dict)
    owners: dict[str, tuple[User, User]] = field(default_factory=dict)
    units: dict[str, BusinessUnit] = field(default_factory=dict)
    datasets: dict[str, list[DatasetVersion]] = field(default_factory=dict)
    components: dict[str, Component] = field(default_factory=dict)


@dataclass
class Story:
    """One system on its way: what the file says of it, and its rows."""

    told: dict[str, Any]
    system: AISystem
    row: ModelVersion | None = None

    @property
    def version(self) -> ModelVersion:
        """Its version; from development on there is one."""
        assert self.row is not None
        return self.row

    @property
    def stage(self) -> str:
        """Where it is to arrive."""
        return str(self.told["stage"])

    @property
    def words(self) -> dict[str, Any]:
        """The texts of its language."""
        return dict(texts()["texts"][self.told.get("lang", "en")])

    def say(self, text: str) -> str:
        """A text of the file about this system."""
        technical = self.system.technical_owner.name
        return text.format(name=self.system.name, purpose=self.system.purpose, technical=technical)
