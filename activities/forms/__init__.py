from activities.forms.activity import ActivityChangeForm, ActivityForm, FinishForm, ReasonForm
from activities.forms.types import ActivityTypeForm, KeywordForm

__all__ = ["ActivityChangeForm", "ActivityForm", "ActivityTypeForm", "FinishForm", "KeywordForm", "ReasonForm"]
