"""Faults by kind, put into replies of known exchanges one at a time, and whether the comparison finds each.

A fault is made in CloudMock's reply, which is AWS's with every generated value replaced; the comparison has seen the
exchanges that came before. Which fault is made where follows from the seed alone.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from random import Random
from typing import Any

from botocore.parsers import create_parser

from cloudmock_contract.comparison.comparison import Comparison
from cloudmock_contract.values.call import Call
from cloudmock_contract.values.exchange import Exchange, Verdict
from cloudmock_contract.values.http import Reply
from lab.accuracy.neutral import OtherRun, other_reply
from lab.accuracy.recordings import VECTORS, Recorded
from lab.mutations import contents, envelopes, head_fields, members, streams, wire
from lab.mutations.change import Context, Make
from lab.mutations.kinds import dotted, learn, short
from lab.mutations.new_values import Memory
from lab.mutations.replies import draft

FAULTS: Mapping[str, Make] = {
    "member dropped": members.member_dropped,
    "member added": members.member_added,
    "member renamed": members.member_renamed,
    "model's name": wire.model_name,
    "other type": members.other_type,
    "null": members.null,
    "letter in a text": contents.letter_changed,
    "case of a letter": contents.case_changed,
    "space in a text": contents.space_added,
    "text empty": contents.text_emptied,
    "byte in a blob": contents.blob_changed,
    "enum value": contents.enum_changed,
    "boolean": contents.boolean_flipped,
    "number off by one": contents.number_off_by_one,
    "item dropped": members.item_dropped,
    "item twice": members.item_duplicated,
    "items out of order": wire.items_swapped,
    "id of another": contents.id_of_another,
    "id of an earlier one": members.id_replaced,
    "form of an id": contents.id_form,
    "account in an ARN": contents.arn_account,
    "region in an ARN": contents.arn_region,
    "time's notation": members.timestamp_format,
    "time of CBOR": wire.cbor_time,
    "time a day off": contents.day_off,
    "status": envelopes.status,
    "error code": envelopes.error_code,
    "error message": envelopes.error_message,
    "error envelope": envelopes.error_envelope,
    "body empty": wire.empty_body,
    "body cut": envelopes.body_truncated,
    "root renamed": envelopes.xml_root,
    "result wrapper missing": wire.result_wrapper_missing,
    "list wrapper missing": wire.list_wrapper_missing,
    "item wrapper missing": wire.item_wrapper_missing,
    "item renamed": wire.item_renamed,
    "bound header dropped": envelopes.header_dropped,
    "bound header changed": envelopes.header_changed,
    "told header dropped": head_fields.told_header_dropped,
    "told header changed": head_fields.told_header_changed,
    "content type": head_fields.content_type,
    "document's encoding": contents.document_encoding,
    "checksum wrong": head_fields.checksum_wrong,
    "hash of contents": envelopes.hash_changed,
    "event dropped": streams.event_dropped,
    "events out of order": streams.events_swapped,
    "event renamed": streams.event_renamed,
    "event's content": streams.event_content,
}
"""What makes each kind."""

MADE_LEAST = 3
"""Faults of one kind in replies of one operation that are always tried."""

_KEEPING_HEADERS = frozenset(("checksum wrong",))
"""The kinds after which nothing of the reply is made anew."""

_OF_VALUES = frozenset(("items out of order", "time a day off", "number off by one", "boolean"))
"""The kinds that are no fault where botocore reads the same: two times in two notations change places."""


@dataclass(frozen=True, slots=True)
class Try:
    """One fault, and what was said of it."""

    kind: str
    source: str
    operation: str
    protocol: str
    path: str
    was: str
    now: str
    severity: str
    """Empty where nothing was reported but what is reported without the fault too."""
    forgiven: Mapping[str, int]
    parser: str
    """What botocore's parser makes of it: `same`, `other`, `raises` and what, or why it was not asked."""

    @property
    def is_found(self) -> bool:
        return bool(self.severity)

    @property
    def where(self) -> str:
        return f"{self.source} {self.operation} {self.path or '(whole)'}: {self.was} -> {self.now}"


@dataclass(frozen=True, slots=True)
class Before:
    """An exchange, with what came before it in its cassette."""

    recorded: Recorded
    earlier: Sequence[Recorded]
    number: int = 0
    """Tells faults in the same place apart."""


type MakeComparison = Callable[[Recorded, Iterable[tuple[str, str]]], Comparison]


class Bench:
    """What faults are made for and judged with."""

    def __init__(self, comparison: MakeComparison, call_of: Callable[[Recorded], Call], seed: int) -> None:
        """`comparison`: a fresh one, for such exchanges and these accounts; `call_of`: a call as the proxy reads it."""
        self._comparison, self._call_of, self._seed = comparison, call_of, seed

    def tries(self, places: Sequence[Before], kinds: Sequence[str], each: int) -> Iterator[Try]:
        """Of each kind so many faults, spread over protocols and operations as evenly as can be."""
        for kind in kinds:
            made: Counter[str] = Counter()
            done = 0
            for place in self._spread(places, kind):
                if done >= each:
                    break
                operation = place.recorded.operation
                if made[operation.name] >= max(MADE_LEAST, each // 8) and operation.service != VECTORS:
                    continue
                tried = self._tried(kind, place)
                if tried is not None:
                    made[operation.name] += 1
                    done += 1
                    yield tried

    def _spread(self, places: Sequence[Before], kind: str) -> Iterator[Before]:
        """The places in turns by protocol, and within it in an order of the seed's."""
        random = Random(f"{self._seed} {kind}")
        by_protocol: dict[str, list[Before]] = defaultdict(list)
        for place in places:
            by_protocol[place.recorded.operation.protocol].append(place)
        for group in by_protocol.values():
            random.shuffle(group)
        while by_protocol:
            for protocol in list(by_protocol):
                yield by_protocol[protocol].pop()
                if not by_protocol[protocol]:
                    del by_protocol[protocol]

    def _tried(self, kind: str, place: Before) -> Try | None:
        recorded = place.recorded
        if recorded.model is None:
            return None
        memory = Memory()
        run = OtherRun(f"{self._seed} {recorded.cassette}")
        random = Random(f"{self._seed} {kind} {recorded.cassette} {len(place.earlier)} {place.number}")
        replies = [(earlier, self._pair(earlier, run, random)) for earlier in place.earlier]
        aws, cloudmock = self._pair(recorded, run, random)
        for earlier, (_, before) in replies:
            if earlier.model is not None:
                learn(before, _context(earlier, memory, random))
        context = _context(recorded, memory, random)
        taken_apart = draft(cloudmock, recorded.operation, recorded.model)
        change = FAULTS[kind](taken_apart, context)
        if change is None:
            return None
        if kind in _KEEPING_HEADERS:
            headers = type(cloudmock.headers)(tuple(taken_apart.headers))
            faulted = Reply(taken_apart.status, headers, cloudmock.body, cloudmock.seconds)
        else:
            made = taken_apart.reply(has_body=recorded.request.method != "HEAD")
            faulted = _checked(made, recorded) if "X-Amz-Crc32" in cloudmock.headers else made
        if (faulted.status, faulted.body, sorted(faulted.headers.fields)) == (
            cloudmock.status,
            cloudmock.body,
            sorted(cloudmock.headers.fields),
        ):
            return None
        parser = _parser_says(recorded, cloudmock, faulted)
        if parser == "same" and kind in _OF_VALUES:
            return None
        accounts = run.accounts([*place.earlier, recorded])
        written_anew = draft(cloudmock, recorded.operation, recorded.model).reply(has_body=bool(cloudmock.body))
        unfaulted = written_anew if recorded.operation.service == VECTORS else cloudmock
        known = {str(diff) for diff in self._verdict(recorded, accounts, replies, aws, unfaulted).differences}
        verdict = self._verdict(recorded, accounts, replies, aws, faulted)
        found = [diff for diff in verdict.differences if str(diff) not in known]
        return Try(
            kind,
            recorded.source,
            recorded.operation.name,
            recorded.operation.protocol,
            dotted(change.wire or change.path),
            short(change.was),
            short(change.now),
            str(verdict.severity) if found else "",
            verdict.forgiven,
            parser,
        )

    def _pair(self, recorded: Recorded, run: OtherRun, random: Random) -> tuple[Reply, Reply]:
        """AWS's reply and CloudMock's, each with its own checksums."""
        if recorded.operation.service == VECTORS:
            return recorded.reply, recorded.reply
        run.note_request(recorded.request)
        return _checked(recorded.reply, recorded), _checked(other_reply(recorded, run, random), recorded)

    def _verdict(
        self,
        recorded: Recorded,
        accounts: Iterable[tuple[str, str]],
        earlier: Sequence[tuple[Recorded, tuple[Reply, Reply]]],
        aws: Reply,
        cloudmock: Reply,
    ) -> Verdict:
        """Of a comparison that has seen what came before, and nothing else."""
        comparison = self._comparison(recorded, accounts)
        for before, (first, second) in earlier:
            self._compare(comparison, before, first, second)
        return self._compare(comparison, recorded, aws, cloudmock).verdict

    def _compare(self, comparison: Comparison, recorded: Recorded, aws: Reply, cloudmock: Reply) -> Exchange:
        call = self._call_of(recorded)
        comparison.note_sent(call)
        return comparison.compare(call, aws, cloudmock)


def _checked(reply: Reply, recorded: Recorded) -> Reply:
    return head_fields.with_checksums(reply, recorded.operation.service, recorded.operation.action)


def _context(recorded: Recorded, memory: Memory, random: Random) -> Context:
    assert recorded.model
    return Context(recorded.operation, recorded.model, recorded.request, memory, random)


def _parser_says(recorded: Recorded, right: Reply, faulted: Reply) -> str:
    if recorded.model is None or "eventstream" in right.headers.get("content-type"):
        return "not asked"
    first, second = _parsed(recorded, right), _parsed(recorded, faulted)
    if isinstance(second, str) and not isinstance(first, str):
        return f"raises {second}"
    return "same" if first == second else "other"


def _parsed(recorded: Recorded, reply: Reply) -> Any:
    assert recorded.model
    raw = {
        "status_code": reply.status,
        "headers": {name.lower(): value for name, value in reply.headers.fields},
        "body": reply.body,
    }
    try:
        parsed = create_parser(recorded.operation.protocol).parse(raw, recorded.model.output_shape)
    except Exception as error:  # noqa: BLE001 (whatever a parser raises is its verdict)
        return type(error).__name__
    with suppress(AttributeError, KeyError):
        parsed["ResponseMetadata"] = parsed["ResponseMetadata"]["HTTPStatusCode"]
    return parsed
