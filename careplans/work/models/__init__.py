"""Models of the app; import them from here."""

from careplans.work.models.absences import Absence, AbsenceKind
from careplans.work.models.works import CareWork, WeekTold

__all__ = ["Absence", "AbsenceKind", "CareWork", "WeekTold"]
