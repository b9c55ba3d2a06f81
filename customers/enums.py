"""Choices of customers and contacts. This module imports nothing of the project."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class CustomerKind(models.TextChoices):
    """Customers are organisations, or persons such as former students and private employers."""

    ORGANISATION = "organisation", _("organisation")
    PERSON = "person", _("person")


class CustomerState(models.TextChoices):
    ACTIVE = "active", _("active")
    PASSIVE = "passive", _("inactive")


CUSTOMER_TRANSITIONS: dict[CustomerState, frozenset[CustomerState]] = {
    CustomerState.ACTIVE: frozenset({CustomerState.PASSIVE}),
    CustomerState.PASSIVE: frozenset({CustomerState.ACTIVE}),
}


class PassiveReason(models.TextChoices):
    BANKRUPTCY = "bankruptcy", _("bankruptcy")
    CLOSED = "closed", _("operations ended")
    MERGED = "merged", _("merged into another organisation")
    NO_COOPERATION = "no_cooperation", _("cooperation ended")
    OTHER = "other", _("other reason")


class OrganisationForm(models.TextChoices):
    COMPANY = "company", _("company")
    GROUP_COMPANY = "group_company", _("group company")
    AUTHORITY = "authority", _("authority")
    MUNICIPALITY = "municipality", _("municipality")
    MUNICIPAL_UNIT = "municipal_unit", _("municipal unit")
    PARTNER_INSTITUTION = "partner_institution", _("partner institution")
    ASSOCIATION = "association", _("association")
    FOUNDATION = "foundation", _("foundation")
    HOUSEHOLD = "household", _("household employer")
    OTHER = "other", _("other")


class Directness(models.TextChoices):
    DIRECT = "direct", _("direct customer")
    INDIRECT = "indirect", _("indirect customer")


class ChargingMethod(models.TextChoices):
    INVOICE = "invoice", _("invoice")
    E_INVOICE = "e_invoice", _("e-invoice")
    INTERNAL = "internal", _("internal charge")
    FREE = "free", _("free of charge")


class Channel(models.TextChoices):
    """A way to reach a customer or a contact; marketing consent is given per channel."""

    EMAIL = "email", _("e-mail")
    PHONE = "phone", _("phone")
    SMS = "sms", _("text message")
    LETTER = "letter", _("letter")
    VISIT = "visit", _("visit")
    VIDEO = "video", _("video meeting")


CONSENT_CHANNELS = (Channel.EMAIL, Channel.PHONE, Channel.SMS, Channel.LETTER)


class CustomerLanguage(models.TextChoices):
    FI = "fi", _("Finnish")
    SV = "sv", _("Swedish")
    EN = "en", _("English")
    OTHER = "other", _("other")


class AddressKind(models.TextChoices):
    VISITING = "visiting", _("visiting address")
    POSTAL = "postal", _("postal address")
    BILLING = "billing", _("billing address")


class ResponsibilityRole(models.TextChoices):
    OWNER = "owner", _("owner")
    DEPUTY = "deputy", _("deputy")
    OTHER = "other", _("other responsibility")


class ContactPointKind(models.TextChoices):
    PHONE = "phone", _("phone")
    EMAIL = "email", _("e-mail")


class BranchTarget(models.TextChoices):
    CUSTOMERS = "customers", _("customers")
    CONTACTS = "contacts", _("contacts")
    BOTH = "both", _("customers and contacts")


class BranchPurpose(models.TextChoices):
    """The branches that the program itself uses; other branches are general."""

    GENERAL = "", _("general")
    GROUP = "group", _("customer group")
    INDUSTRY = "industry", _("own industry")
    SIZE = "size", _("size class")
    CONTACT_ROLE = "contact_role", _("contact role")


#: What the API's schema calls these.
SCHEMA_NAMES = {
    "CustomerLanguageEnum": CustomerLanguage,
    "CustomerStateEnum": CustomerState,
    "PassiveReasonEnum": PassiveReason,
    "CustomerKindEnum": CustomerKind,
    "AddressKindEnum": AddressKind,
    "ContactPointKindEnum": ContactPointKind,
    "ChannelEnum": Channel,
}
