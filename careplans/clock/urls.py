from django.urls import URLPattern, path

from careplans.clock.views import clocks, internal, moves, panels

CODE = "customers/<int:pk>/care-plan/actions/<slug:care_code>/month/"
EVENT, WORK = "care/internal-events/<int:pk>/", "care/internal-events/work/<int:pk>/"

app_name = "careclock"
urlpatterns: list[URLPattern] = [
    path("care/annual-clock/", clocks.ClockView.as_view(), name="clock"),
    path("care/annual-clock/sets/add/", internal.SetView.as_view(), name="add_set"),
    path("care-models/versions/<int:pk>/clock/", clocks.VersionClockView.as_view(), name="version"),
    path("care-models/versions/<int:pk>/clock/wheel/", clocks.VersionPanel.as_view(), name="version_panel"),
    path("customers/<int:pk>/care-plan/clock/", clocks.CustomerClockTab.as_view(), name="customer"),
    path("care-models/actions/<int:pk>/month/", moves.ActionMoveView.as_view(), name="move_action"),
    path("care-models/actions/<int:pk>/month/back/", moves.ActionBackView.as_view(), name="move_action_back"),
    path(CODE, moves.CustomerMoveView.as_view(), name="move_for_customer"),
    path(f"{CODE}back/", moves.CustomerBackView.as_view(), name="move_for_customer_back"),
    path("care/internal-events/", internal.InternalListView.as_view(), name="internal"),
    path("care/internal-events/new/", internal.InternalAddView.as_view(), name="internal_add"),
    path("care/internal-events/times/", internal.EventsView.as_view(), name="internal_occurrences"),
    path(f"{EVENT}edit/", internal.InternalEditView.as_view(), name="internal_edit"),
    path(f"{EVENT}retire/", internal.InternalRetireView.as_view(), name="internal_retire"),
    path(f"{EVENT}restore/", internal.InternalRestoreView.as_view(), name="internal_restore"),
    path(f"{EVENT}history/", internal.InternalHistoryView.as_view(), name="internal_history"),
    path(f"{EVENT}done/", internal.DoneView.as_view(), name="internal_done"),
    path(f"{EVENT}month/", moves.InternalMoveView.as_view(), name="move_internal"),
    path(f"{EVENT}month/back/", moves.InternalBackView.as_view(), name="move_internal_back"),
    path("start/care-lists/", panels.ListsPanel.as_view(), name="start_lists"),
    path(f"{WORK}claim/", internal.ClaimView.as_view(), name="work_claim"),
    path(f"{WORK}release/", internal.ReleaseView.as_view(), name="work_release"),
    path(f"{WORK}remove/", internal.DoneRemoveView.as_view(), name="done_remove"),
]
