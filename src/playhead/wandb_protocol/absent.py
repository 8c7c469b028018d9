"""What W&B's client can ask for and Playhead has not: told by its name, so that nobody looks for a mistake of their own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

_NAMES: Mapping[str, Iterable[str]] = {
    "Sweeps are": (
        "sweep", "sweeps", "totalSweeps", "upsertSweep", "enqueueSweepRun", "createAgent", "agentHeartbeat", "Sweep", "Agent",
    ),
    "Launch, with its jobs and queues, is": (
        "runQueue", "createRunQueue", "upsertRunQueue", "deleteRunQueues", "deleteFromRunQueue", "defaultResourceConfig",
        "createDefaultResourceConfig", "pushToRunQueue", "pushToRunQueueByName", "ackRunQueueItem",
    ),
    "Reports are": ("allViews", "upsertView", "deleteView"),
    "Registries and organizations are": (
        "deleteModel", "renameProject", "createProjectMembers", "deleteProjectMembers", "updateProjectMember",
        "updateProjectTeamMember", "teamMembers", "advancedRegistryFeatures", "orgEntity", "allowAllArtifactTypesInRegistry",
        "Organization.id", "Organization.name", "Project.members", "Entity.user", "Member.role",
    ),
    "Automations are": (
        "triggers", "integrations", "createFilterTrigger", "updateFilterTrigger", "deleteTrigger",
        "createGenericWebhookIntegration", "User.projects", "Entity.projects",
    ),
    "Custom charts are": ("createCustomChart",),
    "Moving a collection to another type is": ("moveArtifactSequence", "MoveArtifactSequenceInput"),
    "Sending an artifact's file in parts is": ("completeMultipartUploadArtifact", "CompleteMultipartAction"),
    "Making teams is": ("createTeam", "createInvite", "deleteInvite", "createServiceAccount"),
}  # fmt: skip
_USERS = "Users are added by their names, with `playhead user add NAME`, not by their e-mail addresses."
_FEATURES = {name: f"{feature} not part of Playhead." for feature, names in _NAMES.items() for name in names}
_FEATURES["createUser"] = _USERS

_FIELD = re.compile(r"Cannot query field ['\"](\w+)['\"] on type ['\"](\w+)['\"]")
_TYPE = re.compile(r"Unknown type ['\"](\w+)['\"]")


def explained(message: str) -> str:
    """What is wrong with a document, with the name of what is not there in front of it."""
    field, kind = _FIELD.search(message), _TYPE.search(message)
    names = [field[1], f"{field[2]}.{field[1]}"] if field else [kind[1]] if kind else []
    found = next((_FEATURES[name] for name in names if name in _FEATURES), None)
    return message if found is None else f"{found} ({message})"
