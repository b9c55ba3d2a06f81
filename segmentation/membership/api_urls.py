from rest_framework.routers import SimpleRouter

from segmentation.membership.api import MembershipViewSet, ProposalViewSet

router = SimpleRouter()
router.register("memberships", MembershipViewSet, basename="api-membership")
router.register("segment-proposals", ProposalViewSet, basename="api-segment-proposal")

urlpatterns = router.urls
