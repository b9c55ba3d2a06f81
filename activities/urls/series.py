from django.urls import URLPattern, path

from activities.views import series

urlpatterns: list[URLPattern] = [
    path("activities/<int:pk>/series/", series.SeriesPanel.as_view(), name="series"),
    path("activities/<int:pk>/repeat/", series.RepeatView.as_view(), name="repeat"),
    path("activities/<int:pk>/series/change/", series.SeriesChangeView.as_view(), name="series_change"),
    path("activities/<int:pk>/series/end/", series.SeriesEndView.as_view(), name="series_end"),
    path("activities/<int:pk>/skip/", series.SkipView.as_view(), name="skip"),
]
