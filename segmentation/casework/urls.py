from django.urls import URLPattern, path

from segmentation.casework.views import inquiries, panels, progress, reviews, work

REVIEW = "segment-reviews/<int:pk>/"

app_name = "casework"
urlpatterns: list[URLPattern] = [
    path("segmentation-work/", work.WorkListView.as_view(), name="work"),
    path("segmentation-work/runs/<int:pk>/", progress.RunOwnersView.as_view(), name="run_owners"),
    path("segmentation-work/overrides/<int:pk>/end/", work.OverrideEndView.as_view(), name="override_end"),
    path("segmentation-work/questions/", inquiries.InquiryListView.as_view(), name="inquiries"),
    path("segmentation-work/questions/<int:pk>/", inquiries.InquiryView.as_view(), name="inquiry"),
    path("segmentation-work/questions/<int:pk>/answer/", inquiries.InquiryAnswerView.as_view(), name="inquiry_answer"),
    path("customers/<int:pk>/suggestion/accept/", work.AcceptView.as_view(), name="accept"),
    path("customers/<int:pk>/suggestion/override/", work.OverrideView.as_view(), name="override"),
    path("customers/<int:pk>/segment-work/", panels.CustomerPanelView.as_view(), name="customer"),
    path("segment-reviews/", reviews.ReviewListView.as_view(), name="reviews"),
    path("segment-reviews/new/", reviews.ReviewStartView.as_view(), name="review_start"),
    path(REVIEW, reviews.ReviewView.as_view(), name="review"),
    path(f"{REVIEW}lines/<int:review_line>/answer/", reviews.LineAnswerView.as_view(), name="line_answer"),
    path(f"{REVIEW}decide/", reviews.DecideView.as_view(), name="decide"),
    path(f"{REVIEW}cancel/", reviews.CancelView.as_view(), name="cancel"),
    path(f"{REVIEW}minutes/", reviews.MinutesView.as_view(), name="minutes"),
    path("start/segment-work/", panels.WorkPanel.as_view(), name="start_work"),
    path("start/segment-proposals/", panels.ProposalsPanel.as_view(), name="start_proposals"),
]
