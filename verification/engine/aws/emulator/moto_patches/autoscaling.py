"""Application Auto Scaling."""

import json
from typing import Any

from moto.applicationautoscaling.responses import ApplicationAutoScalingResponse
from moto.core.exceptions import JsonRESTError

from verification.engine.aws.emulator.moto_patches.patching import Method, add, wrap


def tags() -> None:
    """moto 5.2.5 has no tags of scalable targets, so Terraform cannot read a target back.

    AWS stores them with the target, and returns an error for a target that does not exist.
    """
    wrap(ApplicationAutoScalingResponse, "register_scalable_target", _tagging)
    for method in (list_tags_for_resource, tag_resource, untag_resource):
        add(ApplicationAutoScalingResponse, method)


def _tagging(original: Method) -> Method:
    def register_scalable_target(self: Any) -> str:
        answer: str = original(self)
        _tags_of(self, json.loads(answer)["ScalableTargetARN"]).update(self._get_param("Tags", {}))
        return answer

    return register_scalable_target


def list_tags_for_resource(self: Any) -> str:
    """ListTagsForResource, as an operation of moto's class."""
    return json.dumps({"Tags": _tags_of(self, self._get_param("ResourceARN"))})


def tag_resource(self: Any) -> str:
    """TagResource, as an operation of moto's class."""
    _tags_of(self, self._get_param("ResourceARN")).update(self._get_param("Tags"))
    return "{}"


def untag_resource(self: Any) -> str:
    """UntagResource, as an operation of moto's class."""
    held = _tags_of(self, self._get_param("ResourceARN"))
    for key in self._get_param("TagKeys"):
        held.pop(key, None)
    return "{}"


def _tags_of(response: Any, arn: str) -> dict[str, str]:
    """Return the tags of a target, which are stored on the target object."""
    for targets in response.applicationautoscaling_backend.targets.values():
        for target in targets.values():
            if target.arn == arn:
                held: dict[str, str] = vars(target).setdefault("embedded_tags", {})
                return held
    raise JsonRESTError("ResourceNotFoundException", f"No scalable target found for ARN {arn}")
