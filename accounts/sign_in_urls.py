"""Pages of the sign-in that replace allauth's at the same addresses and names."""

from django.urls import path, re_path

from accounts.views.language import LanguageView
from accounts.views.profile import PasswordChoiceView

urlpatterns = [
    path("language/", LanguageView.as_view(), name="account_language"),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        PasswordChoiceView.as_view(),
        name="account_reset_password_from_key",
    ),
]
