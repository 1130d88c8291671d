"""What does not hold in a template: references, points, levels, circles; one sentence each."""

from fractions import Fraction

from registry.models import Duty
from registry.vocabulary import vocabulary
from risk.living import CHANGES, EVENTS
from risk.template_parts import CHOSEN, COMPONENTS, KINDS, OUTCOMES, TYPES, Condition, Question, Section, Template


def faults(template: Template) -> list[str]:
    """What does not hold in a template, one sentence each."""
    found = [*scale_faults(template), *section_faults(template), *engine_faults(template), *circles(template)]
    ids = [q.id for q in template.questions]
    found += [f"the question {name} stands twice; remove one." for name in sorted({n for n in ids if ids.count(n) > 1})]
    for place, condition in references(template):
        found += condition_faults(template, place, condition)
    for item in template.questions:
        found += question_faults(template, item)
    if template.has_components:
        found += [f"the outcome {name} is missing." for name in OUTCOMES if name not in template.outcomes]
    return found + field_faults(template)


def field_faults(template: Template) -> list[str]:
    """What it produces is an entity of the vocabulary, and each named field one of the entity's."""
    entity = vocabulary().entities.get(template.produces)
    if entity is None:
        return [f"the vocabulary has no entity {template.produces}."]
    return [
        f"{question.id}: {template.produces} has no field {question.field}."
        for question in template.questions
        if question.field and question.field not in entity.fields
    ]


def engine_faults(template: Template) -> list[str]:
    """Who signs, what opens it again, floors and the formula are such as the engine knows."""
    names = {level.name for level in template.levels}
    found = [f"reopens_on: {name} is not known." for name in template.reopens_on if name not in {*CHANGES, *EVENTS}]
    found += [f"floors: there is no level {floor.level}." for floor in template.floors if floor.level not in names]
    if template.signed_by not in Duty.values:
        found.append(f"signed_by: there is no duty {template.signed_by}.")
    ends = [template.left(Fraction(a), Fraction(b)) for a in (0, 100) for b in (0, 1)]
    if min(ends) < 0 or max(ends) > 100:
        found.append(f"residual: “{template.residual.text}” leaves 0 to 100.")
    return found


def circles(template: Template) -> list[str]:
    """Questions that are asked only after themselves, by way of others."""
    found = []
    for question in template.questions:
        seen, now = [question.id], question.ask_when
        while now is not None and now.question not in seen and (earlier := template.question(now.question)):
            seen.append(earlier.id)
            now = earlier.ask_when
        if now is not None and now.question == question.id:
            found.append(f"{question.id}: the conditions go round in a circle: {' → '.join([*seen, question.id])}.")
    return found


def scale_faults(template: Template) -> list[str]:
    """Levels cover 0 to 100 without hole or overlap, and name high; the cap leaves a residual."""
    found = []
    edges = [level.start for level in template.levels] + [template.levels[-1].below]
    if (
        edges[0] != 0
        or edges[-1] <= 100
        or any(a.below != b.start for a, b in zip(template.levels, template.levels[1:]))
    ):
        found.append("the levels must cover 0 to 100 without a hole.")
    if template.has_components and "high" not in {level.name for level in template.levels}:
        found.append("a level must be called high: outcomes speak of it.")
    if not 0 <= template.control_cap < 1:
        found.append("control_cap must lie between 0 and 1: no control takes a risk away altogether.")
    return found


def section_faults(template: Template) -> list[str]:
    """One section for each component, beginning with its gate, and no other component; or none of components at all."""
    components = [section.component for section in template.sections if section.component]
    if components and sorted(components) != sorted(COMPONENTS):
        return [f"sections must cover {', '.join(COMPONENTS)} once each, not {', '.join(components)}."]
    return [
        f"the section {section.id} must begin with its only gate question."
        for section in template.sections
        if [q.kind == "gate" for q in section.questions] != gate_first(section)
    ]


def gate_first(section: Section) -> list[bool]:
    """Where a section's gate must stand: first and once for a component, nowhere in a general section."""
    return [bool(section.component) and place == 0 for place, _question in enumerate(section.questions)]


def references(template: Template) -> list[tuple[str, Condition]]:
    """Every condition with the place where it stands."""
    found = [(f"{q.id}, ask_when", q.ask_when) for q in template.questions if q.ask_when]
    found += [(f"case {case.id}", condition) for case in template.cases for condition in case.all_of]
    found += [(f"outcome {o.id}", condition) for o in template.outcomes.values() for condition in o.texts]
    found += [(f"floor {floor.level}", condition) for floor in template.floors for condition in floor.all_of]
    return found


def condition_faults(template: Template, place: str, condition: Condition) -> list[str]:
    """The question of a condition exists and knows the answers."""
    earlier = template.question(condition.question)
    if earlier is None:
        return [f"{place}: there is no question {condition.question}."]
    strange = sorted(condition.answers - set(earlier.points))
    return [f"{place}: {earlier.id} has no answer {strange[0]}."] if strange else []


def question_faults(template: Template, question: Question) -> list[str]:
    """Type, kind, points, criterion and the answers that its lists name."""
    found = []
    if question.type not in TYPES or question.kind not in KINDS:
        found.append(f"{question.id}: type {question.type} or kind {question.kind} is not known.")
    if (question.type in CHOSEN) != bool(question.points):
        found.append(f"{question.id}: a choice needs answers, and nothing else has any.")
    if question.names_each not in {"", "dependences"}:
        found.append(f"{question.id}: names_each knows dependences only.")
    if question.kind in {"risk", "control"} and (question.highest < 1 or question.lowest < 0 or question.weight < 1):
        found.append(f"{question.id}: points begin at 0, one is above 0, and the weight is at least 1.")
    if question.kind == "gate" and "no" not in question.points:
        found.append(f"{question.id}: a gate needs the answer no.")
    if question.criterion and question.criterion not in template.criteria:
        found.append(f"{question.id}: there is no criterion {question.criterion}.")
    named = question.ask_for_text_when | question.dpo_review_when | question.blocks_when
    found += [f"{question.id}: a list names {key}, which is no answer." for key in sorted(named - set(question.points))]
    return found
