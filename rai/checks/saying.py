"""A sentence that is not spoken yet, so that its reader's language is chosen where it is shown, and the error made of one."""

import re
from collections.abc import Callable, Mapping
from typing import Any

PLACE = re.compile(r"\{(\w+)\}")


class Said:
    """A template with `{names}` and what stands in their places: texts, numbers, or further sentences of this kind.

    As a text it is English. Templates stand in the sources as constants, from which the catalogue of translations takes
    them (config/texts.py).
    """

    def __init__(self, template: str, /, **values: object) -> None:
        self.template, self.values = template, values

    def __str__(self) -> str:
        return self.told(str)

    def told(self, translate: Callable[[str], str]) -> str:
        """The whole sentence with every template of it translated. Nothing but names is replaced, whoever wrote the template."""

        def value(found: re.Match[str]) -> str:
            one = self.values.get(found[1], found[0])
            return one.told(translate) if isinstance(one, Said) else str(one)

        return PLACE.sub(value, translate(self.template) if self.template else "")

    def to_json(self) -> dict[str, Any]:
        """As it travels and is kept."""
        values = {name: one.to_json() if isinstance(one, Said) else str(one) for name, one in self.values.items()}
        return {"template": self.template, "values": values}


class InputError(ValueError):
    """The data or the parameters cannot be used; `str()` names file, column or value and the remedy.

    Made of a template and its values, not of a finished text: `said` is told in the reader's language where it is shown.
    """

    def __init__(self, template: str | Said, /, **values: object) -> None:
        self.said = template if isinstance(template, Said) else Said(template, **values)
        super().__init__(str(self.said))


def said_of(kept: Mapping[str, Any]) -> Said:
    """The sentence as it was kept. Raises KeyError, TypeError or AttributeError for what is none."""
    values = {str(name): said_of(one) if isinstance(one, Mapping) else str(one) for name, one in kept["values"].items()}
    return Said(str(kept["template"]), **values)
