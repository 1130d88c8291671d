"""Replies for the privacy questionnaire that every test changes a little."""

from risk.questionnaires import Reply, template

LONG = "Long enough to explain what was asked, in one sentence."


def benign(**changes: str | Reply | None) -> dict[str, Reply]:
    """Every question answered as harmlessly as it can be; changes name a question with underscores, None removes it."""
    found = {question.id: best(question) for question in template("pia").questions}
    for name, reply in changes.items():
        question = name.replace("_", "-")
        if reply is None:
            found.pop(question)
        else:
            found[question] = reply if isinstance(reply, Reply) else Reply(reply, LONG)
    return found


def best(question) -> Reply:
    """The answer with the fewest points for a risk and the most for a control; gates are answered with yes."""
    if question.type == "text":
        return Reply("", LONG)
    if question.type == "regions":
        return Reply("DE")
    if question.type == "duration":
        return Reply("90", "A nightly job")
    if question.kind == "gate":
        return Reply("yes")
    pick = max if question.kind == "control" else min
    return Reply(pick(question.points, key=lambda key: question.points[key]), LONG)
