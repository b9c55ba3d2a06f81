from django.urls import URLPattern, path

from activities.views import activity, documents, follow_ups, lists, log, pages, stale, start, tabs, types

TYPES: list[URLPattern] = [
    path("activities/types/", types.TypesView.as_view(), name="types"),
    path("activities/types/new/", types.TypeAddView.as_view(), name="type_add"),
    path("activities/types/<int:pk>/", types.TypeChangeView.as_view(), name="type_change"),
    path("activities/types/<int:pk>/retire/", types.TypeRetireView.as_view(), name="type_retire"),
    path("activities/lists/<str:list>/new/", types.ChoiceAddView.as_view(), name="choice_add"),
    path("activities/lists/<str:list>/<int:pk>/", types.ChoiceChangeView.as_view(), name="choice_change"),
    path("activities/lists/<str:list>/<int:pk>/retire/", types.ChoiceRetireView.as_view(), name="choice_retire"),
    path("activities/keywords/new/", types.KeywordAddView.as_view(), name="keyword_add"),
    path("activities/keywords/<int:pk>/", types.KeywordChangeView.as_view(), name="keyword_change"),
]

urlpatterns = [
    path("activities/", lists.ActivityListView.as_view(), name="list"),
    path("activities/mine/", lists.MineView.as_view(), name="mine"),
    path("start/open/", start.OpenPanel.as_view(), name="start_open"),
    path("activities/stale/", stale.StaleView.as_view(), name="stale"),
    path("activities/stale/close/", stale.CloseManyView.as_view(), name="close_many"),
    path("activities/stale/undo/", stale.CloseUndoView.as_view(), name="close_undo"),
    path("activities/new/", log.ActivityCreateView.as_view(), name="create"),
    path("activities/new/call/", log.log_of_type, {"code": "call"}, name="log_call"),
    path("activities/new/visit/", log.log_of_type, {"code": "visit"}, name="log_visit"),
    path("activities/new/contacts/", log.ContactsFieldView.as_view(), name="contacts_field"),
    *TYPES,
    path("activities/<int:pk>/", pages.OverviewView.as_view(), name="detail"),
    path("activities/<int:pk>/documents/", pages.DocumentsView.as_view(), name="documents"),
    path("activities/<int:pk>/documents/add/", documents.ActivityDocumentAddView.as_view(), name="documents_add"),
    path(
        "activities/<int:pk>/documents/<int:document>/remove/",
        documents.ActivityDocumentRemoveView.as_view(),
        name="documents_remove",
    ),
    path("activities/<int:pk>/history/", pages.HistoryView.as_view(), name="history"),
    path("activities/<int:pk>/change/", activity.ActivityChangeView.as_view(), name="change"),
    path("activities/<int:pk>/finish/", activity.FinishView.as_view(), name="finish"),
    path("activities/<int:pk>/status/", activity.StatusView.as_view(), name="status"),
    path("activities/<int:pk>/reopen/", activity.ReopenView.as_view(), name="reopen"),
    path("activities/<int:pk>/follow-up/", follow_ups.FollowUpAddView.as_view(), name="follow_up_add"),
    path("activities/<int:pk>/undo/", activity.UndoView.as_view(), name="undo"),
    path("customers/<int:pk>/activities/", tabs.CustomerActivitiesView.as_view(), name="customer_tab"),
    path("customers/<int:pk>/timeline/", tabs.TimelinePanel.as_view(), name="timeline"),
    path("contacts/<int:pk>/activities/", tabs.ContactActivitiesView.as_view(), name="contact_tab"),
]
