from django.urls import URLPattern, path

from segmentation.membership.views import proposals, segments

CUSTOMER = "customers/<int:pk>/segments/"
PROPOSAL = "segment-proposals/<int:pk>/"

app_name = "membership"
urlpatterns: list[URLPattern] = [
    path(CUSTOMER, segments.SegmentsTab.as_view(), name="tab"),
    path(f"{CUSTOMER}set/", segments.SegmentSetView.as_view(), name="set"),
    path(f"{CUSTOMER}undo/", segments.SegmentUndoView.as_view(), name="undo"),
    path(f"{CUSTOMER}<int:segment>/leave/", segments.SegmentLeaveView.as_view(), name="leave"),
    path(f"{CUSTOMER}propose/", proposals.ProposeView.as_view(), name="propose"),
    path("segment-proposals/", proposals.ProposalListView.as_view(), name="proposals"),
    path(PROPOSAL, proposals.ProposalView.as_view(), name="proposal"),
    path(f"{PROPOSAL}approve/", proposals.ApproveView.as_view(), name="approve"),
    path(f"{PROPOSAL}reject/", proposals.RejectView.as_view(), name="reject"),
    path(f"{PROPOSAL}withdraw/", proposals.WithdrawView.as_view(), name="withdraw"),
    path(f"{PROPOSAL}comment/", proposals.CommentView.as_view(), name="comment"),
]
