from django.urls import URLPattern

app_name = "caremodels"

urlpatterns: list[URLPattern] = []
