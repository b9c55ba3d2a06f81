from django.urls import URLPattern, path

from activities.views import leads

LEAD = "activities/<int:pk>/lead/"

urlpatterns: list[URLPattern] = [
    path("leads/", leads.LeadListView.as_view(), name="leads"),
    path(LEAD, leads.LeadPanel.as_view(), name="lead_panel"),
    path(f"{LEAD}take/", leads.TakeView.as_view(), name="lead_take"),
    path(f"{LEAD}give/", leads.GiveView.as_view(), name="lead_give"),
    path(f"{LEAD}return/", leads.ReturnView.as_view(), name="lead_return"),
    path(f"{LEAD}close/", leads.CloseView.as_view(), name="lead_close"),
    path(f"{LEAD}customer/", leads.ToCustomerView.as_view(), name="lead_customer"),
]
