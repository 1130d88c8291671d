"""Attempts to give a password or to be sent a link: counted for a quarter of an hour, then forgotten."""

from django.db import models


class FailedSignIn(models.Model):
    """One wrong password, link asked for or code looked up, from an address. Working state: no part of the log."""

    class Kind(models.TextChoices):
        PASSWORD = "password"
        LINK = "link"
        CODE = "code"
        REPORT = "report"
        VERIFY = "verify"

    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PASSWORD)
    account = models.CharField(max_length=254)
    address = models.CharField(max_length=64)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        indexes = (models.Index(fields=["account", "address", "at"], name="failed_sign_in_lookup"),)

    def __str__(self) -> str:
        return f"{self.account} – {self.address}"
