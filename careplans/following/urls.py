from django.urls import URLPattern, path

from careplans.following.views import adherence, alerts, capacity, customers, key_accounts, panels

app_name = "carefollow"
urlpatterns: list[URLPattern] = [
    path("care/adherence/", adherence.AdherenceView.as_view(), name="adherence"),
    path("care/capacity/", capacity.CapacityView.as_view(), name="capacity"),
    path("care/occurrences/", adherence.OccurrenceListView.as_view(), name="occurrences"),
    path("care/adherence/customers/", customers.CountedView.as_view(), name="counted"),
    path("care/customers/", customers.ContactListView.as_view(), name="customers"),
    path("care/key-accounts/", key_accounts.KeyAccountsView.as_view(), name="key_accounts"),
    path("care/key-accounts/<int:pk>/pdf/", key_accounts.KeyAccountPdfView.as_view(), name="key_account_pdf"),
    path("customers/<int:pk>/care-plan/cadence/", panels.StripPanel.as_view(), name="customer_strip"),
    path("care/alerts/", alerts.AlertsView.as_view(), name="alerts"),
    path("start/care-alerts/", alerts.AlertsPanel.as_view(), name="start_alerts"),
    path("start/care-overdue/", panels.OverduePanel.as_view(), name="start_overdue"),
    path("start/care-week/", panels.WeekPanel.as_view(), name="start_week"),
]
