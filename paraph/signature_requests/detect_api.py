"""The vendor's operation on documents that are not sent yet: parse, call one verb, render."""

from __future__ import annotations

from typing import TYPE_CHECKING

from paraph.kit.http import ApiRequest, Reply, Told, prepares

from .answers import DetectionAnswer
from .detect import detect_fields
from .detect_wire import DetectBody, detection_json

if TYPE_CHECKING:
    from paraph.kit import Kit


@prepares("documentDetectFields", body=DetectBody, told=Told(answer=DetectionAnswer))
async def detect(request: ApiRequest[DetectBody], kit: Kit) -> Reply:
    """POST /document/detect_fields."""
    found = await detect_fields(request.body, kit)
    return Reply({"detection_result": detection_json(found, request.body, kit.clock.now())})
