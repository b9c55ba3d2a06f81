from django.urls import URLPattern, path

from activities.leads import start, views

LEAD = "activities/<int:pk>/lead/"

app_name = "leads"
urlpatterns: list[URLPattern] = [
    path("start/leads/", start.OfferedLeadsPanel.as_view(), name="start_leads"),
    path("start/leads/unassigned/", start.UnassignedLeadsPanel.as_view(), name="start_unassigned"),
    path("leads/", views.LeadListView.as_view(), name="list"),
    path(LEAD, views.LeadPanel.as_view(), name="panel"),
    path(f"{LEAD}take/", views.ClaimView.as_view(), name="take"),
    path(f"{LEAD}give/", views.AssignView.as_view(), name="give"),
    path(f"{LEAD}return/", views.ReturnView.as_view(), name="return"),
    path(f"{LEAD}close/", views.CloseView.as_view(), name="close"),
    path(f"{LEAD}customer/", views.ToCustomerView.as_view(), name="customer"),
]
