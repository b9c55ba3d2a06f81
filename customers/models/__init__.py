from customers.models.classification import (
    ClassificationBranch,
    ClassificationNode,
    ContactClassification,
    CustomerClassification,
)
from customers.models.contacts import Consent, Contact, ContactPoint, Position
from customers.models.customers import (
    Address,
    Customer,
    CustomerNumber,
    CustomerSearch,
    CustomerSummary,
    Favourite,
    Municipality,
    Responsibility,
)
from customers.models.words import NameWord

__all__ = [
    "Address",
    "ClassificationBranch",
    "ClassificationNode",
    "Consent",
    "Contact",
    "ContactClassification",
    "ContactPoint",
    "Customer",
    "CustomerClassification",
    "CustomerNumber",
    "CustomerSearch",
    "CustomerSummary",
    "Favourite",
    "Municipality",
    "NameWord",
    "Position",
    "Responsibility",
]
