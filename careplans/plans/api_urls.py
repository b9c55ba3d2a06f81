from rest_framework.routers import SimpleRouter

from careplans.plans.api import CareOccurrenceViewSet, CarePlanViewSet
from careplans.plans.decision_api import PlanApprovalViewSet, PlanExceptionViewSet
from careplans.plans.own_api import CustomerActionViewSet

router = SimpleRouter()
router.register("care-plans", CarePlanViewSet, basename="api-care-plan")
router.register("care-occurrences", CareOccurrenceViewSet, basename="api-care-occurrence")
router.register("care-plan-approvals", PlanApprovalViewSet, basename="api-care-plan-approval")
router.register("care-plan-exceptions", PlanExceptionViewSet, basename="api-care-plan-exception")
router.register("customer-care-actions", CustomerActionViewSet, basename="api-customer-care-action")

urlpatterns = router.urls
