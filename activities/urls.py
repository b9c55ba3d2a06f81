from django.urls import path

from activities.views import activity, lists, tabs, types

app_name = "activities"
urlpatterns = [
    path("", lists.ActivityListView.as_view(), name="list"),
    path("mine/", lists.MineView.as_view(), name="mine"),
    path("new/", activity.ActivityCreateView.as_view(), name="create"),
    path("new/contacts/", activity.ContactsFieldView.as_view(), name="contacts_field"),
    path("customer/<int:pk>/", tabs.CustomerTabView.as_view(), name="customer_tab"),
    path("timeline/<int:pk>/", lists.TimelinePanel.as_view(), name="timeline"),
    path("new/call/", activity.log_of_type, {"code": "call"}, name="log_call"),
    path("new/visit/", activity.log_of_type, {"code": "visit"}, name="log_visit"),
    path("types/", types.TypesView.as_view(), name="types"),
    path("types/new/", types.TypeAddView.as_view(), name="type_add"),
    path("types/<int:pk>/", types.TypeChangeView.as_view(), name="type_change"),
    path("types/<int:pk>/retire/", types.TypeRetireView.as_view(), name="type_retire"),
    path("keywords/new/", types.KeywordAddView.as_view(), name="keyword_add"),
    path("keywords/<int:pk>/", types.KeywordChangeView.as_view(), name="keyword_change"),
    path("<int:pk>/", activity.ActivityView.as_view(), name="detail"),
    path("<int:pk>/history/", activity.ActivityHistoryView.as_view(), name="history"),
    path("<int:pk>/change/", activity.ActivityChangeView.as_view(), name="change"),
    path("<int:pk>/finish/", activity.FinishView.as_view(), name="finish"),
    path("<int:pk>/status/", activity.StatusView.as_view(), name="status"),
]
