"""The errors that people meet: each carries a sentence that says what is wrong, where, and what to do."""


class DomainError(Exception):
    """A refusal with a sentence for people; nothing was changed."""


class NotAllowed(DomainError):
    """The person may not do this, or the object is not in a state that permits it."""


class QuotaReached(NotAllowed):
    """The person or the unit has asked for as much as the installation does at a time; `seconds` later it may."""

    def __init__(self, sentence: str, *, seconds: int = 60) -> None:
        super().__init__(sentence)
        self.seconds = seconds


class PasswordNeeded(Exception):
    """The act binds and the session gave the password too long ago. No DomainError: no form may show it as its own."""


class SignatureNeeded(PasswordNeeded):
    """The policy wants the password, or a passkey, for this very decision; the sentence says which."""


class SecondFactorNeeded(Exception):
    """The act binds, a duty of the person demands a second factor, and there is none. No DomainError, like the last."""


class GateClosed(DomainError):
    """A gate of the release answered no; the sentence names the gate and the reason."""


class BadInput(DomainError):
    """What was handed in cannot be used; `field` names the place where the form or payload goes wrong."""

    def __init__(self, sentence: str, *, field: str = "") -> None:
        super().__init__(sentence)
        self.field = field
