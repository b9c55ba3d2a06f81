from rest_framework.routers import SimpleRouter

from careplans.content import row_api
from careplans.content.api import NeedViewSet, PlanTemplateViewSet, PlanVersionViewSet
from careplans.content.link_api import EditionLinkViewSet

router = SimpleRouter()
router.register("needs", NeedViewSet, basename="api-need")
router.register("charges", row_api.ChargeViewSet, basename="api-charge")
router.register("care-plan-headers", row_api.PlanHeaderViewSet, basename="api-care-plan-header")
router.register("care-plan-projects", row_api.PlanProjectViewSet, basename="api-care-plan-project")
router.register("care-plan-systems", row_api.PlanSystemViewSet, basename="api-care-plan-system")
router.register("care-plan-agreements", row_api.PlanAgreementViewSet, basename="api-care-plan-agreement")
router.register("care-plan-texts", row_api.PlanTextViewSet, basename="api-care-plan-text")
router.register("care-plan-templates", PlanTemplateViewSet, basename="api-care-plan-template")
router.register("care-plan-versions", PlanVersionViewSet, basename="api-care-plan-version")
router.register("care-plan-links", EditionLinkViewSet, basename="api-care-plan-link")

urlpatterns = router.urls
