"""What another run of AWS would answer in place of a recorded reply: other generated values, times, paddings, orders.

Generated values are found by what is known of the recordings' structure, and nothing else is: UUIDs, EC2's prefixed
hexadecimal ids, principals, zones, tool uses, account numbers in ARNs, addresses, names of hosts made for a resource,
request ids in headers, times. This file shares no code with the package's idea of identifiers, and does not compare.
"""

import base64
import binascii
import datetime as dt
import json
import re
import string
from collections.abc import Callable, Iterable, Mapping
from random import Random
from typing import Any

from cloudmock_contract.values.http import Headers, Reply, Request
from lab.accuracy.recordings import Recorded
from lab.mutations.frames import Frame, frames, stream

_PREFIXES = (
    "acl|aclassoc|aki|ami|ari|cgw|dopt|eipalloc|eipassoc|eni|eni-attach|fl|i|igw|lt|nat|pcx|r|rtb|rtbassoc|sg|sgr|snap"
    "|subnet|vgw|vol|vpc|vpc-cidr-assoc|vpce|vpn"
)
_GENERATED: Mapping[str, str] = {
    "uuid": r"(?<![0-9A-Za-z-])[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}(?![0-9A-Za-z-])",
    "prefixed": rf"(?<![\w-])(?:{_PREFIXES})-(?:[0-9a-f]{{17}}|[0-9a-f]{{8}})(?![\w-])",
    "principal": r"(?<![0-9A-Za-z])(?:AIDA|AROA|AGPA|AIPA|ANPA|AKIA|ASIA)[A-Z0-9]{12,17}(?![0-9A-Za-z])",
    "zone": r"(?<=/hostedzone/)Z[A-Z0-9]{8,21}|(?<=/change/)C[A-Z0-9]{8,21}|(?<=<ResourceId>)Z[A-Z0-9]{8,21}",
    "tool": r"(?:tooluse_|(?:toolu|msg|msg_compl)_bdrk_|toolu_|chatcmpl-)[A-Za-z0-9_-]{18,}",
    "service": r"(?<=ecs-svc/)\d{19}",
    "balancer": r"(?<=-)\d{7,10}(?=\.[a-z0-9-]+\.elb\.amazonaws\.com)",
    "nameserver": r"(?<![\w-])ns-\d+\.awsdns-\d+\.(?:com|net|org|co\.uk)",
    "dashed": r"(?<=ip-)\d+-\d+-\d+-\d+|(?<=ec2-)\d+-\d+-\d+-\d+",
    "address": r"(?<=<privateIpAddress>)[\d.]+(?=<)|(?<=<ipAddress>)[\d.]+(?=<)|(?<=<publicIp>)[\d.]+(?=<)",
    "mac": r"(?<=<macAddress>)[0-9a-f:]{17}(?=<)",
    "receipt": r"(?<=<ReceiptHandle>)[^<]+(?=<)",
    "host id": r"(?<=<HostId>)[^<]+(?=<)",
    "request id": r"(?<=<RequestId>)[A-Z0-9]{16}(?=<)",
    "account": r"(?<=:)\d{12}(?=[:/])|(?<=%3A)\d{12}(?=%3A)|(?<=[>\"])\d{12}(?=[<\"])|(?<=\.com/)\d{12}(?=/)",
}
"""By kind, how its values stand in recorded bodies."""

_PATTERN = re.compile("|".join(f"({pattern})" for pattern in _GENERATED.values()))
_KINDS = tuple(_GENERATED)
_KEPT_START = re.compile(
    r"ns-(?=\d)|(?:toolu?|msg|tooluse|msg_compl)_(?:bdrk_)?(?:01)?|toolu_|chatcmpl-|A[A-Z]{3}(?=[A-Z0-9]{12})"
    r"|[a-z-]+-(?=[0-9a-f]{8})"
)
_OWN_ACCOUNT = re.compile(r"(?<=:)\d{12}(?=:)|(?<=amazonaws\.com/)\d{12}(?=/)")
_ISO = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?=[.Z+-])")
_TIME_NAME = re.compile(r"\w*(?:At|Time|Date|Timestamp)")
_EPOCH = range(10**9, 3 * 10**9)
_REQUEST_IDS = frozenset(("x-amzn-requestid", "x-amz-request-id", "x-amz-id-2"))
_MEASURED_HEADERS = frozenset(("x-amzn-bedrock-invocation-latency", "x-amzn-invocation-latency"))
_MEASURED = frozenset(("latencyMs", "invocationLatency", "firstByteLatency"))
_PADDING = string.ascii_lowercase + string.ascii_uppercase + string.digits
_ALPHABETS = (string.digits, "0123456789abcdef", string.digits + string.ascii_uppercase, _PADDING)


class OtherRun:
    """Another run of one cassette: every generated value of it has another one of its form, always the same."""

    def __init__(self, seed: str) -> None:
        self._seed = seed
        self._seconds = Random(f"{seed} seconds").randint(1, 20)
        self._others: dict[str, str] = {}
        self._sent: set[str] = set()

    def note_request(self, request: Request) -> None:
        """What the app sends before AWS has said it is the app's own: it is the same in every run."""
        texts = [request.target, request.body.decode("utf-8", "surrogateescape")]
        for match in (match for text in texts for match in _PATTERN.finditer(text)):
            if match[0] not in self._others:
                self._sent.add(match[0])
        self._sent.update(match[0] for text in texts for match in _ISO.finditer(text))

    def text(self, text: str) -> str:
        """The text with its generated values and times replaced."""
        text = _PATTERN.sub(lambda match: self._other(match[0], _KINDS[(match.lastindex or 1) - 1]), text)
        return _ISO.sub(lambda match: match[0] if match[0] in self._sent else self._later(match[0]), text)

    def later(self, moment: float) -> float:
        """The time in seconds as this run has it."""
        return round(moment + self._seconds, 3)

    def accounts(self, cassette: Iterable[Recorded]) -> list[tuple[str, str]]:
        """The account that the cassette's ARNs and queues are of, and this run's; none where they name none."""
        bodies = (recorded.reply.body.decode("utf-8", "replace") for recorded in cassette)
        found = next((match[0] for body in bodies if (match := _OWN_ACCOUNT.search(body))), "")
        return [(found, self._other(found, "account"))] if found else []

    def value(self, value: str) -> str:
        """Another one of the same form, whatever it is."""
        return _made(value, self._random(value))

    def _other(self, value: str, kind: str) -> str:
        if value in self._sent:
            return value
        if value not in self._others:
            self._others[value] = _MAKERS.get(kind, _made)(value, self._random(value))
        return self._others[value]

    def _random(self, value: str) -> Random:
        """Always the same for a value; an address is one, however it is written."""
        return Random(f"{self._seed} {value.replace('-', '.')}")

    def _later(self, moment: str) -> str:
        return (dt.datetime.fromisoformat(moment) + dt.timedelta(seconds=self._seconds)).isoformat()


def _made(value: str, random: Random) -> str:
    """Every digit and letter behind the prefix by another one of its alphabet."""
    match = _KEPT_START.match(value)
    start = match.end() if match else 0
    letters = {character for character in value[start:] if character.isalnum()}
    alphabet = next((one for one in _ALPHABETS if letters <= set(one)), _PADDING)
    rest = "".join(random.choice(alphabet) if letter.isalnum() else letter for letter in value[start:])
    if rest[:1] == "0" and value[start : start + 1] != "0":
        rest = f"1{rest[1:]}"
    return value[:start] + (rest if rest != value[start:] else rest[::-1])


def _address(value: str, random: Random) -> str:
    separator = "." if "." in value else "-"
    network = value.split(separator)[:2]
    return separator.join([*network, str(random.randint(1, 250)), str(random.randint(4, 250))])


def _zone(value: str, random: Random) -> str:
    return value[0] + _made(value[1:], random)


def _name_server(value: str, random: Random) -> str:
    end = value.split(".", 2)[2]
    return f"ns-{random.randint(1, 2047)}.awsdns-{random.randint(0, 63):02}.{end}"


_MAKERS: Mapping[str, Callable[[str, Random], str]] = {
    "address": _address,
    "dashed": _address,
    "zone": _zone,
    "nameserver": _name_server,
}


def other_reply(recorded: Recorded, run: OtherRun, random: Random) -> Reply:
    """The reply as another run would give it: neutral in every place."""
    reply = recorded.reply
    content_type = reply.headers.get("content-type")
    if "eventstream" in content_type:
        body = stream([_other_frame(frame, run, random) for frame in frames(reply.body)])
    elif reply.body[:1] in (b"{", b"["):
        body = _other_json(reply.body.decode(), run, random).encode()
    elif "cbor" in content_type or b"\0" in reply.body:
        body = reply.body
    else:
        body = _other_spacing(run.text(reply.body.decode("utf-8", "surrogateescape")), random).encode(
            "utf-8", "surrogateescape"
        )
    fields = [_other_field(name, value, run, random) for name, value in reply.headers.fields]
    random.shuffle(fields)
    headers = Headers(tuple(fields))
    if "content-length" in headers and recorded.request.method != "HEAD":
        headers = headers.without({"content-length"}).adding(("Content-Length", str(len(body))))
    return Reply(reply.status, headers, body, reply.seconds * random.uniform(0.5, 2))


def _other_field(name: str, value: str, run: OtherRun, random: Random) -> tuple[str, str]:
    lower = name.lower()
    if lower in _REQUEST_IDS:
        return name, run.value(value)
    if lower in _MEASURED_HEADERS:
        return name, str(random.randint(5, 4000))
    if lower == "date":
        return name, value[:-6] + f"{random.randint(0, 59):02} GMT"
    return name, value


def _other_json(text: str, run: OtherRun, random: Random) -> str:
    return json.dumps(_varied(json.loads(run.text(text)), run, random), ensure_ascii=False)


def _varied(value: Any, run: OtherRun, random: Random) -> Any:
    """With its keys in another order, and with other times, measurements and paddings."""
    if isinstance(value, list):
        return [_varied(item, run, random) for item in value]
    if not isinstance(value, dict):
        return value
    members = [(name, _other_member(name, member, run, random)) for name, member in value.items()]
    random.shuffle(members)
    return dict(members)


def _other_member(name: str, value: Any, run: OtherRun, random: Random) -> Any:
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    if name in _MEASURED and is_number:
        return random.randint(5, 4000)
    if is_number and int(value) in _EPOCH and _TIME_NAME.fullmatch(name):
        return run.later(value)
    if name == "p" and isinstance(value, str) and _PADDING.startswith(value):
        return _PADDING[: random.randint(1, len(_PADDING))]
    return _varied(value, run, random)


def _other_frame(frame: Frame, run: OtherRun, random: Random) -> Frame:
    if frame.payload[:1] != b"{":
        return frame
    payload = json.loads(frame.payload)
    inner = payload.get("bytes")
    if isinstance(inner, str):
        try:
            content = base64.b64decode(inner, validate=True).decode()
            payload["bytes"] = base64.b64encode(_other_content(content, run, random).encode()).decode()
        except (binascii.Error, ValueError):
            pass
    return Frame(frame.headers, _other_json(json.dumps(payload, ensure_ascii=False), run, random).encode())


def _other_content(text: str, run: OtherRun, random: Random) -> str:
    """What is inside a blob, to the letter but for ids and measurements."""
    return _MEASUREMENT.sub(lambda match: match[1] + str(random.randint(5, 4000)), run.text(text))


_MEASUREMENT_NAMES = "|".join(sorted(_MEASURED))
_MEASUREMENT = re.compile(rf"(\"(?:{_MEASUREMENT_NAMES})\"\s*:\s*)\d+")
_TAG = re.compile(r"(<[^<>]*>)(?=<)")


def _other_spacing(text: str, random: Random) -> str:
    """White space between elements, where there is no leaf's text: behind a closed element, before an opened one."""
    if not text.startswith("<"):
        return text
    spaces = random.choice(("\n", "\n  ", " ", ""))

    def spaced(match: re.Match[str]) -> str:
        following = text[match.end() : match.end() + 2]
        is_leaf = not match[1].startswith("</") and not match[1].endswith(("/>", "?>")) and following == "</"
        return match[1] if is_leaf else match[1] + spaces

    return _TAG.sub(spaced, text)
