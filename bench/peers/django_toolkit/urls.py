"""The toolkit's own endpoints, and one protected resource."""

from django.http import HttpRequest, JsonResponse
from django.urls import include, path
from oauth2_provider.decorators import protected_resource


@protected_resource(scopes=["read"])
def account(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"account": request.resource_owner.username})


urlpatterns = [
    path("o/", include("oauth2_provider.urls", namespace="oauth2_provider")),
    path("account", account),
]
