"""Models of the app; import them from here."""

from careplans.work.models.absences import Absence, AbsenceKind
from careplans.work.models.works import CareWork

__all__ = ["Absence", "AbsenceKind", "CareWork"]
