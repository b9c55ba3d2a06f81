"""Who may open and change segmentation work, reviews and questions to former owners: their part of both tables."""

from __future__ import annotations

from typing import Any

from core.bulk.models import BulkRun
from segmentation.casework.models import Inquiry, Override, Review, ReviewLine
from segmentation.membership.tests.factories import segment
from tests.security.cast import ADMIN, NONE, ONLY_OWNER, OWN, READ

PK = "(?P<pk>[^/.]+)"
REVIEW = "segment-reviews/<int:pk>/"
PAGES: dict[str, tuple[str, str]] = {
    "segmentation-work/": (READ, NONE),
    "segmentation-work/runs/<int:pk>/": (ONLY_OWNER, NONE),
    "segmentation-work/overrides/<int:pk>/end/": (OWN, OWN),
    "segmentation-work/questions/": (READ, NONE),
    "segmentation-work/questions/<int:pk>/": (OWN, NONE),
    "segmentation-work/questions/<int:pk>/answer/": (ONLY_OWNER, ONLY_OWNER),
    "customers/<int:pk>/suggestion/accept/": (OWN, OWN),
    "customers/<int:pk>/suggestion/override/": (OWN, OWN),
    "customers/<int:pk>/segment-work/": (READ, NONE),
    "segment-reviews/": (READ, NONE),
    "segment-reviews/new/": (ADMIN, ADMIN),
    REVIEW: (READ, NONE),
    f"{REVIEW}lines/<int:review_line>/answer/": (OWN, OWN),
    f"{REVIEW}decide/": (ADMIN, ADMIN),
    f"{REVIEW}cancel/": (ADMIN, ADMIN),
    f"{REVIEW}minutes/": (READ, NONE),
    "start/segment-work/": (READ, NONE),
    "start/segment-proposals/": (READ, NONE),
}
API: dict[str, dict[str, str]] = {
    "^segmentation-work/$": {"get": READ},
    f"^segmentation-work/{PK}/$": {"get": READ},
    **{f"^segmentation-work/{PK}/{name}/$": {"post": OWN} for name in ("accept", "override")},
    "^segment-overrides/$": {"get": READ},
    f"^segment-overrides/{PK}/$": {"get": READ},
    f"^segment-overrides/{PK}/end/$": {"post": OWN},
    "^segment-reviews/$": {"get": READ, "post": ADMIN},
    f"^segment-reviews/{PK}/$": {"get": READ},
    **{f"^segment-reviews/{PK}/{name}/$": {"post": ADMIN} for name in ("decide", "cancel")},
    "^segment-review-lines/$": {"get": READ},
    f"^segment-review-lines/{PK}/$": {"get": READ},
    f"^segment-review-lines/{PK}/answer/$": {"post": OWN},
    "^segment-inquiries/$": {"get": READ},
    f"^segment-inquiries/{PK}/$": {"get": OWN},
    f"^segment-inquiries/{PK}/answers/$": {"post": ONLY_OWNER},
}
KINDS = {
    "segmentation-work/": "customer",
    "segmentation-work/runs/": "segment_run",
    "segmentation-work/overrides/": "override",
    "segmentation-work/questions/": "inquiry",
    "segment-reviews/": "review",
    "segment-overrides/": "override",
    "segment-review-lines/": "review_line",
    "segment-inquiries/": "inquiry",
}


def casework_rows(users: dict[str, Any], customer: Any, text: str) -> dict[str, Any]:
    """A decision against a suggestion, a review with the customer, a question to the owner, a bulk run."""
    owner, growing, basic = users["owner"], segment("B"), segment("C")
    about: dict[str, Any] = {"scheme": growing.scheme, "customer": customer, "suggested": basic, "segment": growing}
    now = "2026-11-01T09:00Z"
    override = Override.objects.create(**about, text=text[:1_000], decided_by=owner, decided_at=now)
    review = Review.objects.create(
        scheme=growing.scheme, title=f"Autumn{text}"[:120], started_by=users["colleague"], started_at=now
    )
    line = ReviewLine.objects.create(
        review=review, customer=customer, customer_name=f"{customer}{text}"[:300], origin="override", segment=growing,
        segment_fi=f"Segmentti{text}"[:300], segment_en=f"Segment{text}"[:300], why=text[:1_000], since="2026-01-01",
        owner=owner, owner_name=str(owner)[:300],
    )  # fmt: skip
    inquiry = Inquiry.objects.create(
        scheme=growing.scheme, asked=owner, asked_by=users["admin"], asked_at=now, text=text[:1_000]
    )
    inquiry.lines.create(customer=customer)
    run = BulkRun.objects.create(operation="customers.segment", title=f"Seven moves{text}"[:200], user=owner, total=1)
    run.rows.create(target_id=customer.pk, label=f"{customer}{text}"[:300])
    return {"override": override, "review": review, "review_line": line, "inquiry": inquiry, "segment_run": run}
