from activities.forms.activity import ActivityChangeForm, ActivityForm
from activities.forms.finish import FinishForm, ReasonForm
from activities.forms.types import ActivityTypeForm, KeywordForm

__all__ = ["ActivityChangeForm", "ActivityForm", "ActivityTypeForm", "FinishForm", "KeywordForm", "ReasonForm"]
