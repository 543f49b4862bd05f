"""What a request has made on AWS and what it has deleted there, each thing by the call that deletes it.

What cannot be named so is listed all the same, without a call. This file does not know which operation undoes which,
nor how the parameters of the deleting call are found; it keeps nothing.
"""

from dataclasses import dataclass, replace

from botocore.model import OperationModel

from cloudmock_contract.aws.models import verbs
from cloudmock_contract.aws.models.services import Services
from cloudmock_contract.leftovers import parameters
from cloudmock_contract.leftovers.answered_call import AnsweredCall, answered_call
from cloudmock_contract.leftovers.identifying_members import identifying_members
from cloudmock_contract.leftovers.inverse_operations import resource_effect
from cloudmock_contract.leftovers.nouns import noun_of
from cloudmock_contract.leftovers.same_resource import CREATED_BY
from cloudmock_contract.leftovers.specials import corrected
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.exchange import Resource
from cloudmock_contract.values.http import Reply

_GIVES_BACK = frozenset(
    (
        "ecs.CreateCluster",
        "iot.CreateThing",
        "sns.CreatePlatformApplication",
        "sns.CreatePlatformEndpoint",
        "sns.CreateTopic",
        "sqs.CreateQueue",
    )
)
"""Operations that give back what is there, where others with their verb fail or make a second thing."""


@dataclass(frozen=True, slots=True)
class ResourceChanges:
    """What one request has done."""

    created: tuple[Resource, ...] = ()
    deleted: tuple[Resource, ...] = ()


NONE = ResourceChanges()


def resource_changes(call: Call, reply: Reply, services: Services) -> ResourceChanges:
    """What the call has made and deleted, by AWS's own reply.

    Costs a microsecond for an operation that only reads, and up to a millisecond for one that does not, but for the
    first of a service whose model nothing has loaded (up to 130 ms).
    """
    if not 200 <= reply.status < 300:
        return NONE
    operation = call.operation
    effect = resource_effect(services, operation.service, operation.action)
    if effect.deletes is None and not effect.makes:
        return NONE
    model = services.operation_model(operation.service, operation.action)
    answered = model and answered_call(call, reply, model)
    if not answered:
        return NONE
    created, deleted = corrected(
        answered,
        _created(answered, effect.undone_by) if effect.makes else (),
        _deleted(answered, effect.deletes) if effect.deletes else (),
    )
    return ResourceChanges(tuple(_marked(resource, answered) for resource in created), deleted)


def _created(call: AnsweredCall, undo: OperationModel | None) -> tuple[Resource, ...]:
    if undo is None:
        return (_without_call(call, {}),)
    members, noun = identifying_members(undo), noun_of(undo.name)
    filled = {name: parameters.fill(call, name, shape, noun) for name, shape in members.required}
    scopes = parameters.scopes(call, members)
    if all(filled.values()):
        failed = parameters.failures(call.reply)
        return tuple(call.resource(undo.name, {**scopes, **each}) for each in parameters.combinations(filled, failed))
    firsts = {name: texts[0] for name, texts in filled.items() if texts}
    digests = {name: parameters.digest(call, name, noun) for name, texts in filled.items() if not texts}
    return (_without_call(call, {**scopes, **firsts, **{name: text for name, text in digests.items() if text}}),)


def _without_call(call: AnsweredCall, known: dict[str, str]) -> Resource:
    """A thing of which it is not known how it is deleted, with what is known of its names."""
    return call.resource("", {CREATED_BY: call.model.name, **parameters.names_and_ids(call), **known})


def _deleted(call: AnsweredCall, deletes: OperationModel) -> tuple[Resource, ...]:
    members, noun = identifying_members(deletes), noun_of(deletes.name)
    request = call.without_reply()
    filled = {name: parameters.fill(request, name, shape, noun) for name, shape in members.required}
    if deletes.name != call.model.name:
        filled = {name: texts or parameters.only_list(call) for name, texts in filled.items()}
    for name, texts in filled.items():
        if not texts and (text := parameters.digest(call, name, noun)):
            filled[name] = (text,)
    if not all(filled.values()):
        return ()
    scopes, failed = parameters.scopes(call, members), parameters.failures(call.reply)
    return tuple(call.resource(deletes.name, {**scopes, **each}) for each in parameters.combinations(filled, failed))


def _marked(created: Resource, call: AnsweredCall) -> Resource:
    """The resource, marked if the call may have overwritten it, or found it there."""
    is_new = verbs.never_overwrites(call.model.name) and call.operation_name not in _GIVES_BACK
    if call.operation_name.startswith("s3."):  # a write is a thing of its own where it makes a version, or an upload
        is_new = not {"VersionId", "UploadId"}.isdisjoint(name for name, _ in created.parameters)
    return created if is_new else replace(created, may_be_older=True)
