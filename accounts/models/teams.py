"""Teams: units of the organisation, care teams with their knowledge notes, account teams."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from accounts.enums import TeamKind
from accounts.models.people import User, Versioned
from accounts.querysets import TeamNoteQuerySet, TeamQuerySet
from core import clock
from core.addresses import row_url
from core.fields import LineField
from core.tracking import tracked


@tracked(exclude=["version"])
class Team(Versioned):
    """People who work together: an account team, a care team, a unit of the organisation with its own teams."""

    name = LineField(_("name"), max_length=120)
    kind = models.CharField(
        _("type"), max_length=10, choices=TeamKind, default=TeamKind.OTHER, db_default=TeamKind.OTHER.value
    )
    parent = models.ForeignKey(
        "self",
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="children",
        verbose_name=_("part of"),
        help_text=_("The unit or team that it belongs to. Empty: it is at the top."),
    )
    leader = models.ForeignKey(User, models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("leader"))
    objects: ClassVar[models.Manager[Team]] = TeamQuerySet.as_manager()

    members: models.ManyToManyField[User, TeamMembership] = models.ManyToManyField(
        User, through="TeamMembership", related_name="teams", verbose_name=_("members")
    )

    class Meta:
        verbose_name = _("team")
        verbose_name_plural = _("teams")
        default_permissions = ()
        ordering = ("name",)
        constraints = (
            models.UniqueConstraint(
                Lower("name"), name="team_name_unique", violation_error_message=_("Another team has this name.")
            ),
        )

    text_sql = "name"

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return row_url("accounts:team", self.pk)


@tracked()
class TeamMembership(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(User, models.CASCADE, related_name="memberships")

    class Meta:
        verbose_name = _("team member")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["team", "user"], name="team_member_once"),)

    def __str__(self) -> str:
        return f"{self.team}: {self.user}"


@tracked(exclude=["version"])
class TeamNote(Versioned):
    """What a care team knows and has agreed on: its knowledge notes. A deleted one can be restored."""

    team = models.ForeignKey(Team, models.CASCADE, related_name="notes", verbose_name=_("team"))
    title = LineField(_("title"), max_length=120)
    text = models.TextField(_("text"), max_length=10_000)
    added_by = models.ForeignKey(
        User, models.SET_NULL, null=True, editable=False, related_name="+", verbose_name=_("added by")
    )
    added_at = models.DateTimeField(_("added"), default=clock.now, editable=False)
    changed_at = models.DateTimeField(_("changed"), default=clock.now, editable=False)
    deleted_at = models.DateTimeField(_("deleted"), null=True, editable=False)

    objects: ClassVar[models.Manager[TeamNote]] = TeamNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("knowledge note")
        verbose_name_plural = _("knowledge notes")
        default_permissions = ()
        ordering = ("-changed_at", "-id")

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return f"{self.team.get_absolute_url()}#note-{self.pk}"
