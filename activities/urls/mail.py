from django.urls import URLPattern

from activities.urls import mail_in, mail_out

urlpatterns: list[URLPattern] = [*mail_out.urlpatterns, *mail_in.urlpatterns]
