from django.urls import path

from crm import views

app_name = "crm"
urlpatterns = [path("start/", views.StartView.as_view(), name="start")]
