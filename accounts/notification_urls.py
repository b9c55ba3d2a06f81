from django.urls import path

from accounts.views import notifications

app_name = "notifications"
urlpatterns = [
    path("", notifications.NotificationsView.as_view(), name="list"),
    path("bell/", notifications.BellView.as_view(), name="bell"),
    path("read/", notifications.ReadView.as_view(), name="read_all"),
    path("choices/", notifications.ChoicesView.as_view(), name="choices"),
    path("<int:pk>/", notifications.OpenView.as_view(), name="open"),
    path("<int:pk>/read/", notifications.ReadView.as_view(), name="read"),
]
