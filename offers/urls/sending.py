from django.urls import URLPattern, path

from offers.views import public, sending

urlpatterns: list[URLPattern] = [
    path("offers/<int:pk>/versions/", sending.VersionsPanel.as_view(), name="versions"),
    path("offers/<int:pk>/preview/", sending.PreviewView.as_view(), name="preview"),
    path("offers/<int:pk>/send/", sending.SendView.as_view(), name="send"),
    path("offers/<int:pk>/mark-sent/", sending.MarkSentView.as_view(), name="mark_sent"),
    path("offers/versions/<int:pk>/pdf/", sending.VersionPdfView.as_view(), name="version_pdf"),
    path("offers/links/<int:pk>/revoke/", sending.RevokeView.as_view(), name="link_revoke"),
    path("offer/<str:secret>/", public.PublicView.as_view(), name="public"),
    path("offer/<str:secret>/pdf/", public.PublicPdfView.as_view(), name="public_pdf"),
]
