"""Questions and comments in a review: who may ask, who answers, and that they void nothing."""

import pytest
from django.urls import reverse

from registry.actions import questions, releases
from registry.errors import BadInput, NotAllowed
from registry.models import AuditEntry, Question, SignOff, Task
from tests.registry.reviews.scenes import decide, opened

ASKED = "Why is the group above seventy left out of the test set?"


@pytest.fixture
def review(cast):
    """A submitted release of the limited tier."""
    return opened(cast)


@pytest.fixture
def question(cast, review):
    """The risk officer asks the author."""
    return questions.say(review, text=ASKED, asked_of=cast.owner, actor=cast.risk_officer)


def test_who_is_asked_gets_a_task_and_answers_once(cast, question):
    assert Task.objects.waiting().get(kind="answer").person == cast.owner
    with pytest.raises(NotAllowed, match="was asked of"):
        questions.answer(question, answer="Because there are nine of them.", actor=cast.approver)
    questions.answer(question, answer="Because there are nine of them.", actor=cast.owner)
    assert not Task.objects.waiting().filter(kind="answer").exists()
    assert AuditEntry.objects.filter(action="question.answered", object_id=question.pk).exists()
    with pytest.raises(NotAllowed, match="answered this already"):
        questions.answer(question, answer="And another thing.", actor=cast.owner)


def test_a_question_is_no_material_and_voids_nothing(cast, review, question):
    decide(review, cast.risk_officer, "risk_officer")
    questions.say(review, text="I wondered about that, too.", parent=question, actor=cast.approver)
    questions.answer(question, answer="Because there are nine of them.", actor=cast.owner)
    decide(review, cast.approver, "approver")
    assert not SignOff.objects.filter(voided_at__isnull=False).exists()


def test_nobody_is_asked_who_may_not_see_the_review(cast, review):
    with pytest.raises(BadInput, match="may not see"):
        questions.say(review, text=ASKED, asked_of=cast.outsider, actor=cast.risk_officer)


def test_an_outsider_finds_no_review_to_ask_in(cast, review):
    with pytest.raises(NotAllowed):
        questions.say(review, text=ASKED, actor=cast.outsider)


def test_a_closed_review_takes_no_more_questions_and_asks_nobody(cast, review, question):
    releases.withdraw(review.release, reason="The data were wrong.", actor=cast.owner)
    assert not Task.objects.waiting().filter(kind="answer").exists()
    review.refresh_from_db()
    with pytest.raises(NotAllowed, match="closed"):
        questions.say(review, text=ASKED, actor=cast.risk_officer)


@pytest.mark.parametrize(("length", "is_taken"), [(10_000, True), (10_001, False)])
def test_a_question_of_ten_thousand_characters_is_taken_and_a_longer_one_refused(cast, review, length, is_taken):
    if is_taken:
        assert len(questions.say(review, text="?" * length, actor=cast.risk_officer).text) == length
    else:
        with pytest.raises(BadInput, match="at most 10000"):
            questions.say(review, text="?" * length, actor=cast.risk_officer)


def test_markup_in_a_question_is_shown_as_text(cast, client, review):
    questions.say(review, text="<script>alert(1)</script>", actor=cast.risk_officer)
    client.force_login(cast.approver)
    page = client.get(review.get_absolute_url()).content.decode()
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>alert(1)" not in page


def test_ask_answer_and_comment_by_the_pages(cast, client, review):
    client.force_login(cast.risk_officer)
    assert (
        client.post(reverse("question-ask", args=[review.pk]), {"text": ASKED, "asked_of": cast.owner.pk}).status_code
        == 302
    )
    question = Question.objects.get()
    page = client.get(review.get_absolute_url()).content.decode()
    assert "1 question is not answered yet." in page
    assert reverse("question-answer", args=[question.pk]) not in page, "only who was asked may answer"
    client.force_login(cast.owner)
    assert reverse("question-answer", args=[question.pk]) in client.get(review.get_absolute_url()).content.decode()
    client.post(reverse("question-answer", args=[question.pk]), {"answer": "There are nine of them."})
    client.post(reverse("question-reply", args=[question.pk]), {"text": "The card says so, too."})
    page = client.get(review.get_absolute_url()).content.decode()
    assert "There are nine of them." in page
    assert "The card says so, too." in page


def test_a_refused_answer_is_kept_on_the_page(cast, client, question):
    client.force_login(cast.owner)
    page = client.post(reverse("question-answer", args=[question.pk]), {"answer": "x" * 10_001})
    assert page.status_code == 422
    assert "x" * 10_001 in page.content.decode()
