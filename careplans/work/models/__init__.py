"""Models of the app; import them from here."""

from careplans.work.models.absences import Absence, AbsenceKind

__all__ = ["Absence", "AbsenceKind"]
