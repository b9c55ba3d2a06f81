from __future__ import annotations

from typing import Any

from careplans.caremodels.services.versions import versions_replace_due
from careplans.clock.generation import work_refresh
from careplans.clock.services.works import works_to_leaders as event_works_to_leaders
from careplans.plans.evaluations import care_refresh
from careplans.plans.services.members import catch_up
from careplans.plans.services.stays import stays_refresh
from careplans.work.models import CareWork
from careplans.work.services.works import works_to_leaders
from core import clock
from core.commands import DatedCommand


class Command(DatedCommand):
    help = "Do what the night does for care plans (today, or --today): versions, plans, work in calendars, adherence."

    def handle(self, *args: Any, **options: Any) -> None:
        versions_replace_due(clock.today())
        catch_up()
        stays_refresh()
        evaluated = care_refresh()
        work_refresh()
        works_to_leaders()
        event_works_to_leaders()
        work = CareWork.objects.filter(state="open").count()
        self.stdout.write(f"{evaluated:,} customers evaluated; {work:,} open generated activities.")
