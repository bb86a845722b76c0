"""A durable execution service for fixtures, in the function's own process: `durable_execution(boto3_client=service)`.

It keeps what the SDK reports of the one execution. A wait, a callback or a retry that one invocation leaves is over in the next.
The event of every invocation is `{"DurableExecutionArn": "execution", "CheckpointToken": "t", "InitialExecutionState": {"NextMarker": "all"}}`.
"""

from __future__ import annotations

import datetime
from typing import Any

Operation = dict[str, Any]

STARTED = {"START": "STARTED", "SUCCEED": "SUCCEEDED", "FAIL": "FAILED", "RETRY": "PENDING"}
DETAILS = {"STEP": "StepDetails", "CONTEXT": "ContextDetails", "CALLBACK": "CallbackDetails", "WAIT": "WaitDetails"}


class Service:
    """What a client of Lambda is to the SDK."""

    def __init__(self) -> None:
        self.operations: dict[str, Operation] = {
            "execution": {
                "Id": "execution",
                "Type": "EXECUTION",
                "Status": "STARTED",
                "ExecutionDetails": {"InputPayload": "{}"},
            }
        }

    def checkpoint_durable_execution(self, **given: Any) -> dict[str, Any]:
        """Take note of what the SDK has done."""
        changed = [self._note(update) for update in given["Updates"]]
        return {"CheckpointToken": "t", "NewExecutionState": {"Operations": changed}}

    def get_durable_execution_state(self, **given: Any) -> dict[str, Any]:
        """What has been done in the invocations before: what they were waiting for has come."""
        for operation in self.operations.values():
            if operation["Type"] in ("WAIT", "CALLBACK") and operation["Status"] == "STARTED":
                operation["Status"] = "SUCCEEDED"
            if operation["Status"] == "PENDING":
                operation["Status"] = "READY"
        return {"Operations": list(self.operations.values())}

    def _note(self, update: dict[str, Any]) -> Operation:
        operation = self.operations.setdefault(update["Id"], {"Id": update["Id"], "Type": update["Type"]})
        operation.update({key: update[key] for key in ("ParentId", "Name", "SubType") if update.get(key)})
        operation["Status"] = STARTED[update["Action"]]
        details = operation.setdefault(DETAILS[update["Type"]], {})
        if update.get("Payload") is not None:
            details["Result"] = update["Payload"]
        if update["Type"] == "CALLBACK":
            details["CallbackId"] = update["Id"]
        if update["Action"] == "RETRY":
            details["Attempt"] = details.get("Attempt", 0) + 1
            details["NextAttemptTimestamp"] = datetime.datetime.now(datetime.timezone.utc)
        return operation


service = Service()
