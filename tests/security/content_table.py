"""Who may open and change the content of care plans: their part of the tables of pages and endpoints."""

from __future__ import annotations

from typing import Any

from careplans.content.models import (
    Agreement,
    Charge,
    EditionComment,
    EditionLink,
    Need,
    NeedCustomer,
    PlanBlock,
    PlanContent,
    PlanTemplate,
    Project,
    System,
    TemplatePart,
)
from careplans.content.services.links import link_make
from careplans.content.services.needs import need_add
from careplans.content.services.versions import version_keep
from segmentation.criteria.tests.factories import SegmentFactory
from tests.security.cast import ADMIN, NONE, OWN, READ, WORK

PK = "(?P<pk>[^/.]+)"
CONTENT = "customers/<int:pk>/care-plan/content/"
PAGES: dict[str, tuple[str, str]] = {
    CONTENT: (READ, NONE),
    f"{CONTENT}edit/": (OWN, OWN),
    f"{CONTENT}texts/<slug:plan_block>/": (OWN, OWN),
    f"{CONTENT}rows/<slug:plan_rows>/new/": (OWN, OWN),
    f"{CONTENT}needs/new/": (OWN, OWN),
    f"{CONTENT}links/new/": (OWN, OWN),
    f"{CONTENT}links/send/": (OWN, OWN),
    f"{CONTENT}undo/": (NONE, OWN),
    f"{CONTENT}history/": (READ, NONE),
    f"{CONTENT}pdf/": (READ, NONE),
    f"{CONTENT}versions/": (READ, NONE),
    f"{CONTENT}versions/keep/": (OWN, OWN),
    "care-plan-rows/<slug:plan_rows>/<int:pk>/edit/": (OWN, OWN),
    "care-plan-rows/<slug:plan_rows>/<int:pk>/delete/": (OWN, OWN),
    "care-plan-links/<int:pk>/revoke/": (OWN, OWN),
    "charges/": (READ, NONE),
    "needs/": (READ, NONE),
    "needs/<int:pk>/": (READ, NONE),
    "needs/<int:pk>/history/": (READ, NONE),
    **{
        f"needs/<int:pk>/{name}/": (OWN, OWN)
        for name in ("edit", "customers/new", "decline", "reopen", "join", "lead", "offer")
    },
    "needs/customers/<int:pk>/remove/": (OWN, OWN),
    "care-plan-templates/": (ADMIN, NONE),
    "care-plan-templates/new/": (ADMIN, ADMIN),
    "care-plan-templates/<int:pk>/": (ADMIN, NONE),
    "care-plan-templates/<int:pk>/edit/": (ADMIN, ADMIN),
    "care-plan-templates/<int:pk>/delete/": (ADMIN, ADMIN),
    "care-plan-templates/<int:pk>/history/": (ADMIN, NONE),
    "care-plan-templates/<int:pk>/texts/new/": (ADMIN, ADMIN),
    "care-plan-templates/parts/<int:pk>/": (ADMIN, ADMIN),
}
#: Rows of plans that people delete, and those that stay.
DELETED = ("charges", "care-plan-projects", "care-plan-systems", "care-plan-agreements")
NEED_STEPS = ("decline", "reopen", "share", "unshare", "join", "lead", "offer")
KEPT = ("care-plan-texts", "care-plan-headers")
API: dict[str, dict[str, str]] = {
    "^needs/$": {"get": READ, "post": WORK},
    f"^needs/{PK}/$": {"get": READ, "patch": OWN},
    **{f"^needs/{PK}/{name}/$": {"post": OWN} for name in NEED_STEPS},
    "^care-plan-links/$": {"get": READ, "post": WORK},
    f"^care-plan-links/{PK}/$": {"get": READ},
    f"^care-plan-links/{PK}/revoke/$": {"post": OWN},
    "^care-plan-versions/$": {"get": READ, "post": WORK},
    f"^care-plan-versions/{PK}/$": {"get": READ},
    **{f"^{name}/$": {"get": READ, "post": WORK} for name in (*DELETED, *KEPT)},
    **{f"^{name}/{PK}/$": {"get": READ, "patch": OWN, "delete": OWN} for name in DELETED},
    **{f"^{name}/{PK}/$": {"get": READ, "patch": OWN} for name in KEPT},
    "^care-plan-templates/$": {"get": READ},
    f"^care-plan-templates/{PK}/$": {"get": READ},
}
KINDS = {
    "care-plan-rows/": "plan_project",
    "care-plan-links/": "edition_link",
    "needs/": "need",
    "needs/customers/": "need_customer",
    "care-plan-templates/": "plan_template",
    "care-plan-templates/parts/": "template_part",
    "charges/": "charge",
    "care-plan-projects/": "plan_project",
    "care-plan-systems/": "plan_system",
    "care-plan-agreements/": "plan_agreement",
    "care-plan-texts/": "plan_text",
    "care-plan-headers/": "plan_header",
    "care-plan-versions/": "plan_version",
}


def content_rows(users: dict[str, Any], customer: Any, contact: Any, text: str) -> dict[str, Any]:
    """Rows of the content of the customer's plan."""
    owner = users["owner"]
    header = PlanContent.objects.create(customer=customer, goals=f"Grow together{text}"[:4_000])
    block = PlanBlock.objects.create(customer=customer, code="strategy", text=f"Where they go{text}"[:10_000])
    new = Need(name=f"Single sign-on{text}"[:200], impact=f"Fewer passwords{text}"[:1_000])
    need = need_add(need=new, customer=customer, user=owner)
    link = link_make(customer=customer, contact=contact, language="fi", days=30, user=owner)
    EditionComment.objects.create(link=link, name=f"Maija{text}"[:200], text=f"Comment{text}"[:2_000])
    template = PlanTemplate.objects.create(scheme=SegmentFactory().scheme)
    charge = Charge.objects.create(customer=customer, service=f"Training{text}"[:120], year=2025, amount=10)
    project = Project.objects.create(customer=customer, name=f"Archive{text}"[:200])
    return {
        "plan_rows": "projects",
        "plan_block": "strategy",
        "plan_project": project,
        "plan_system": System.objects.create(customer=customer, name=f"Intranet{text}"[:200]),
        "plan_agreement": Agreement.objects.create(customer=customer, name=f"Regional plan{text}"[:300]),
        "plan_text": block,
        "plan_header": header,
        "charge": charge,
        "plan_version": version_keep(customer=customer, user=owner),
        "need": need,
        "need_customer": NeedCustomer.objects.get(need=need),
        "edition_link": EditionLink.objects.get(pk=link.pk),
        "plan_template": template,
        "template_part": TemplatePart.objects.create(
            template=template, kind="block", code="risks", title_fi=f"Riskit{text}"[:120], title_en=f"Risks{text}"[:120]
        ),
    }
