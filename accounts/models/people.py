"""People who use the program, their groups (roles), keys and notifications."""

from __future__ import annotations

import zoneinfo
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, Group
from django.contrib.postgres.fields import ArrayField
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.functions import Coalesce, Concat, Lower, NullIf
from django.urls import reverse
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext_lazy as _

from accounts.enums import Language, SystemMailKind, SystemMailState, Theme, TokenScope, UserState
from accounts.querysets import NotificationQuerySet, RoleQuerySet, UserManagerFromQuerySet
from core import clock
from core.addresses import row_url
from core.fields import AddressField, LineField, SortKey, Stripped
from core.phones import PhoneTextField
from core.tracking import tracked

#: The number of panels that a start page may name.
MOST_PANELS = 60


def validate_time_zone(name: str) -> None:
    if name not in zoneinfo.available_timezones():
        raise ValidationError(_("Enter the name of a time zone, such as Europe/Helsinki."))


class Versioned(models.Model):
    """A record that administrators edit. Saving an older version is refused (``VersionedFormMixin``)."""

    version = models.PositiveIntegerField(default=1, db_default=1, editable=False)

    class Meta:
        abstract = True


@tracked(exclude=["password", "last_login", "version"])
class User(Versioned, AbstractUser):
    """A person who signs in. Users who leave are deactivated, never deleted, so that the history stays."""

    first_name = LineField(_("first name"), max_length=150, blank=True)
    last_name = LineField(_("last name"), max_length=150, blank=True)
    email = AddressField(_("e-mail"), blank=True)
    title = LineField(_("title"), max_length=120, blank=True)
    phone = PhoneTextField(_("phone"), max_length=40, blank=True)
    manager = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="staff", verbose_name=_("manager")
    )
    language = models.CharField(_("language"), max_length=2, choices=Language, default=Language.FI)
    time_zone = models.CharField(
        _("time zone"), max_length=60, default="Europe/Helsinki", validators=[validate_time_zone]
    )
    theme = models.CharField(_("theme"), max_length=5, choices=Theme, default=Theme.AUTO)
    is_demo = models.BooleanField(default=False, editable=False)
    sort_key = models.GeneratedField(
        expression=SortKey(Concat("last_name", models.Value(" "), "first_name")),
        output_field=models.TextField(db_collation="C"),
        db_persist=True,
    )

    objects: ClassVar[UserManagerFromQuerySet] = UserManagerFromQuerySet()

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        default_permissions = ()
        permissions = (
            ("manage_users", gettext_noop("May invite, change and deactivate users and change groups and teams")),
            ("view_reports", gettext_noop("May see management's figures")),
        )
        constraints = (
            models.UniqueConstraint(
                Lower("username"),
                name="user_username_unique",
                violation_error_message=_("Another user has this user name."),
            ),
            models.UniqueConstraint(
                Lower("email"),
                condition=~models.Q(email=""),
                name="user_email_unique",
                violation_error_message=_("Another user has this e-mail address."),
            ),
        )
        indexes = (
            models.Index("sort_key", "id", name="user_sort"),
            models.Index("last_login", "id", name="user_last_login"),
        )

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    @staticmethod
    def text_sql(path: str) -> Coalesce:
        name = Stripped(Concat(f"{path}first_name", models.Value(" "), f"{path}last_name"))
        return Coalesce(NullIf(name, models.Value("")), f"{path}username", output_field=models.TextField())

    def get_absolute_url(self) -> str:
        return row_url("accounts:detail", self.pk)

    def clean(self) -> None:
        """Raise ``ValidationError`` at its field if the user name or e-mail is taken, ignoring case."""
        super().clean()
        others = User.objects.exclude(pk=self.pk)
        if self.username and others.by_username(self.username).exists():
            raise ValidationError({"username": _("Another user has this user name.")})
        if self.email and others.filter(email__iexact=self.email).exists():
            raise ValidationError({"email": _("Another user has this e-mail address.")})

    @property
    def state(self) -> UserState:
        if not self.is_active:
            return UserState.INACTIVE
        return UserState.ACTIVE if self.has_usable_password() else UserState.INVITED

    @property
    def roles(self) -> list[Role]:
        """The user's groups (read the users by ``with_groups``)."""
        return [group.role for group in self.groups.all() if hasattr(group, "role")]

    @property
    def initials(self) -> str:
        return ((self.first_name[:1] + self.last_name[:1]) or self.username[:2]).upper()


@tracked()
class GroupMembership(User.groups.through):  # type: ignore[name-defined]
    """The row that puts a user into a group, for the history."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = _("membership of a group")


@tracked(exclude=["version"])
class Role(Versioned, Group):
    """A group of users (domain.md §1): what its members may do is the group's permissions (*grants*).

    ``name`` is the stable code (``account_manager``); people see ``label``.
    """

    name_fi = LineField(_("name in Finnish"), max_length=120)
    name_en = LineField(_("name in English"), max_length=120)
    description = models.TextField(_("description"), max_length=2_000, blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=100)
    start_page = models.CharField(_("page that opens first"), max_length=60, blank=True, default="", db_default="")
    start_panels = ArrayField(
        models.CharField(max_length=60),
        verbose_name=_("panels of the start page"),
        size=MOST_PANELS,
        default=list,
        db_default=[],
        blank=True,
    )

    objects: ClassVar[models.Manager[Role]] = RoleQuerySet.as_manager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("group")
        verbose_name_plural = _("groups")
        default_permissions = ()
        ordering = ("order", "name")

    def __str__(self) -> str:
        return self.label

    @staticmethod
    def text_sql(path: str) -> models.F:
        return models.F(f"{path}{'name_en' if get_language() == 'en' else 'name_fi'}")

    def get_absolute_url(self) -> str:
        return row_url("accounts:group", self.pk)

    @property
    def label(self) -> str:
        return self.name_en if get_language() == "en" else self.name_fi


@tracked()
class Grant(Group.permissions.through):  # type: ignore[name-defined]
    """The row that gives a group a right, for the history."""

    class Meta:
        proxy = True
        default_permissions = ()
        verbose_name = _("right")


class ApiToken(models.Model):
    """A key to the API. Only its SHA-256 is kept; the key itself is shown once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    digest = models.CharField(max_length=64, unique=True)
    name = LineField(_("purpose"), max_length=100, blank=True)
    created_at = models.DateTimeField(default=clock.now)
    last_used_at = models.DateTimeField(null=True)
    scope = models.CharField(
        _("what the key may do"), max_length=5, choices=TokenScope, default=TokenScope.WRITE, db_default="write"
    )
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    is_service = models.BooleanField(
        _("key of a service account"),
        default=False,
        db_default=False,
        help_text=_("Stays valid when the password is changed. Personal keys are revoked then."),
    )

    class Meta:
        verbose_name = _("API key")
        verbose_name_plural = _("API keys")
        default_permissions = ()

    def __str__(self) -> str:
        return f"{self.user}: {self.name or self.created_at:%Y-%m-%d}"

    def get_absolute_url(self) -> str:
        return reverse("accounts:profile")

    @property
    def has_expired(self) -> bool:
        return self.expires_on is not None and self.expires_on < clock.today()


class Notification(models.Model):
    """A notification to a user. Its text is made from ``kind`` and ``data`` in the reader's language."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notifications")
    kind = models.CharField(max_length=40)
    data = models.JSONField(default=dict)
    url = models.CharField(max_length=300)
    created_at = models.DateTimeField(default=clock.now)
    read_at = models.DateTimeField(null=True)

    objects: ClassVar[models.Manager[Notification]] = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        default_permissions = ()
        indexes = (
            models.Index(fields=["user", "-created_at", "-id"], name="notification_of_user"),
            models.Index("user", condition=models.Q(read_at__isnull=True), name="notification_unread"),
        )

    def __str__(self) -> str:
        return self.text

    def get_absolute_url(self) -> str:
        """Return the address that marks it as read and redirects to its page."""
        return row_url("notifications:open", self.pk)

    @property
    def text(self) -> str:
        """The text; the label or name of the kind if the kind has changed or no longer exists."""
        if self._entry is None:
            return self.kind
        try:
            return str(self._entry.text(self.data))
        except (KeyError, TypeError, ValueError):
            return str(self._entry.label)

    @property
    def icon(self) -> str:
        return self._entry.icon if self._entry else "bell"

    @property
    def _entry(self) -> Any:
        from core import registry  # the registry asks permissions, which know the user model

        return registry.notifications.get("user", self.kind)


class NotificationChoice(models.Model):
    """How a user is notified of a kind of event: in the program, by e-mail, both or not at all."""

    user = models.ForeignKey(User, models.CASCADE, related_name="notification_choices")
    kind = models.CharField(max_length=40)
    in_program = models.BooleanField(_("in the program"), default=True)
    by_email = models.BooleanField(_("by e-mail"), default=False)

    class Meta:
        verbose_name = _("notification setting")
        verbose_name_plural = _("notification settings")
        default_permissions = ()
        constraints = (models.UniqueConstraint(fields=["user", "kind"], name="notification_choice_once"),)

    def __str__(self) -> str:
        return f"{self.user}: {self.kind}"


class StartChoice(models.Model):
    """What a user has chosen of the start page. An empty ``page`` and panels that are neither shown nor hidden follow
    the user's groups."""

    user = models.OneToOneField(User, models.CASCADE, primary_key=True, related_name="start_choice")
    page = models.CharField(max_length=60, blank=True)
    shown = ArrayField(models.CharField(max_length=60), size=MOST_PANELS, default=list, blank=True)
    hidden = ArrayField(models.CharField(max_length=60), size=MOST_PANELS, default=list, blank=True)

    class Meta:
        verbose_name = _("start page")
        default_permissions = ()

    def __str__(self) -> str:
        return str(self.user_id)


class SystemMail(models.Model):
    """A mail of the program to a user: a row from the request for it until it has been sent (``system_mail``)."""

    kind = models.CharField(max_length=12, choices=SystemMailKind)
    user = models.ForeignKey(User, models.CASCADE, null=True, related_name="+")
    address = AddressField(blank=True)  # of a text
    content = models.TextField(blank=True)  # encrypted; removed when the mail has been sent or given up
    state = models.CharField(max_length=8, choices=SystemMailState, default=SystemMailState.WAITING)
    due_at = models.DateTimeField(default=clock.now)
    attempts = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = _("mail to a user")
        default_permissions = ()
        indexes = (
            models.Index(
                fields=["due_at"], condition=models.Q(state__in=["waiting", "sending"]), name="system_mail_due"
            ),
            models.Index(fields=["created_at"], name="system_mail_of_day"),
        )

    def __str__(self) -> str:
        return f"{self.kind}: {self.address or self.user}"
