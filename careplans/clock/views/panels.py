"""The panel of the start page with what waits on shared lists."""

from __future__ import annotations

from django.urls import reverse
from django.utils.translation import gettext as _

from careplans.clock.models import InternalWork
from careplans.clock.shared import listed_url
from careplans.work.enums import WorkState
from careplans.work.lists import listed_for
from careplans.work.models import CareWork
from core.start_panels import SHOWN, Content, Figure, Line, Link, StartPanelView


class ListsPanel(StartPanelView):
    """Work from care plans and internal events on the user's lists, which anyone of them claims."""

    panel = "start_care_lists"
    permission_required = "careclock.claim_work"

    def get_content(self) -> Content:
        works = CareWork.objects.visible_to(self.user).filter(listed_for(self.user), state=WorkState.OPEN, person=None)
        events = InternalWork.objects.claimable_by(self.user)
        url = f"{reverse('carework:listed')}?mine=true"
        lines = [self._line("careclock", str(work), "", work) for work in events.order_by("due", "pk")[:SHOWN]]
        rest = works.select_related("customer").order_by("due", "pk")[: SHOWN - len(lines)]
        lines += [self._line("carework", work.customer.name, str(work), work) for work in rest]
        return Content(
            figures=[
                Figure(_("internal events to claim"), events, listed_url()),
                Figure(_("care plan work to claim"), works, url),
            ],
            url=url,
            lines=lines,
            empty=_("Nothing waits on your lists."),
            next_step=Link(_("Shared care plan work"), reverse("carework:listed")),
        )

    @staticmethod
    def _line(app: str, label: str, detail: str, work: CareWork | InternalWork) -> Line:
        claim = Link(_("Claim"), reverse(f"{app}:work_claim", args=[work.pk]), "user-check", dialog=True)
        return Line(label, work.get_absolute_url(), detail=detail, at=work.due, links=[claim])
