"""Requests full of canaries, and what the two sides answer: each a way in which a secret could get out.

Knows AWS's notations as clients and services write them. Does not know the proxy, nor who searches for what.
"""

import base64
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from urllib.parse import quote

from lab.secrecy.values import Canary, value
from lab.stand_ins.stand_in import Connection, Received, reply

ARTEFACTS = (
    *("report", "journal", "clean-up script", "stdout", "stderr", "flow file", "mitmweb"),
    *("AWS", "CloudMock", "app"),
)
"""Where is searched. The last three are what came over the wire."""

FLOWS = frozenset(("flow file", "mitmweb", "stdout"))
"""Where flows are shown with their bodies (standard output: mitmdump's with --flow-detail)."""

SIDES = frozenset(("AWS", "CloudMock", "app"))


type Answer = Callable[[Received, Connection], bytes]
"""The bytes to send; empty closes the connection."""


@dataclass(frozen=True, slots=True)
class Attempt:
    """One exchange."""

    name: str
    request: bytes
    canaries: tuple[Canary, ...] = ()
    aws: Answer = field(default=lambda _request, _connection: reply(b'{"Count": 1}'))
    cloudmock: Answer = field(default=lambda _request, _connection: reply(b'{"Count": 1}'))
    patience: float = 60.0
    """Seconds that the app waits for an answer."""

    @property
    def is_quoted(self) -> bool:
        """Whether AWS says what it was sent in its answer, which the app gets as it is."""
        return self.aws in _QUOTING

    @property
    def is_http(self) -> bool:
        """Whether AWS's answer is HTTP."""
        return self.aws not in _NO_HTTP


class _Draft:
    """An attempt in the making: each secret that is asked of it becomes one of its canaries."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.canaries: list[Canary] = []

    def secret(self, kind: str, form: str = "token", welcome: frozenset[str] = frozenset()) -> str:
        """A secret of the app's own, which the app may be told again."""
        canary = Canary(kind, self.name, value(kind, self.name, form), welcome | {"app"})
        if canary not in self.canaries:
            self.canaries.append(canary)
        return canary.value

    def payload(self, kind: str, form: str = "token") -> str:
        """A secret that the app and the services tell each other, and that a flow's body therefore holds."""
        return self.secret(kind, form, FLOWS | SIDES)

    def signed(self, service: str, **headers: str) -> dict[str, str]:
        scope = f"{self.secret('app access key', 'key')}/20260101/us-east-1/{service}/aws4_request"
        signature = self.secret("app signature", "hex")
        return {
            "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={signature}",
            "X-Amz-Date": "20260101T000000Z",
            "X-Amz-Security-Token": self.secret("app session token"),
            **headers,
        }

    def attempt(self, request: bytes, **changes: object) -> Attempt:
        return replace(Attempt(self.name, request, tuple(self.canaries)), **changes)  # type: ignore[arg-type]


def _http(method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    fields = {"Host": "127.0.0.1", **headers, "Content-Length": str(len(body))}
    lines = [f"{method} {target} HTTP/1.1", *(f"{name}: {text}" for name, text in fields.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def _says(body: object, status: str = "200 OK", kind: str = "application/x-amz-json-1.1") -> Answer:
    data = body.encode() if isinstance(body, str) else json.dumps(body).encode()
    return lambda _request, _connection: reply(data, status, kind)


def _xml(text: str, status: str = "200 OK") -> Answer:
    return _says(text, status, "text/xml")


def _json_call(draft: _Draft, service: str, target: str, body: object, **headers: str) -> bytes:
    """A signed call of a JSON service."""
    kind = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target, **headers}
    return _http("POST", "/", draft.signed(service, **kind), json.dumps(body).encode())


def _form_call(draft: _Draft, service: str, body: str) -> bytes:
    """A signed call of a query service."""
    kind = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
    return _http("POST", "/", draft.signed(service, **kind), body.encode())


def _list_tables(draft: _Draft, **headers: str) -> bytes:
    return _json_call(draft, "dynamodb", "DynamoDB_20120810.ListTables", {}, **headers)


def _echo(request: Received, _connection: Connection) -> bytes:
    """No HTTP: what was received, as it came."""
    return request.head + b"\r\n\r\n" + request.body


def _echo_header(request: Received, _connection: Connection) -> bytes:
    """A reply with a header line that cannot be, and says what was received."""
    line = b" ".join(request.head.split(b"\r\n"))
    return b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\x00" + line + b"\r\n\r\n"


def _echo_status(request: Received, _connection: Connection) -> bytes:
    """A status line that says what was received."""
    return b"HTTP/1.1 " + b" ".join(request.head.split(b"\r\n")) + b"\r\n\r\n"


def _breaks(_request: Received, connection: Connection) -> bytes:
    connection.reset()
    return b""


def _late(seconds: float, answer: Answer) -> Answer:
    def wait(request: Received, connection: Connection) -> bytes:
        time.sleep(seconds)
        return answer(request, connection)

    return wait


def _refuses_json(request: Received, _connection: Connection) -> bytes:
    """As the JSON services quote what they would have signed."""
    text = f"The Canonical String for this request should have been\n'{request.head.decode('latin-1')}'"
    body = {"__type": "InvalidSignatureException", "message": text}
    return reply(json.dumps(body).encode(), "400 Bad Request", "application/x-amz-json-1.0")


def _refuses_s3(request: Received, _connection: Connection) -> bytes:
    """As S3 quotes what it would have signed, in texts and in hexadecimal bytes."""
    quoted = request.head.decode("latin-1").replace("&", "&amp;").replace("<", "&lt;")
    in_bytes = request.head.hex(" ")
    text = (
        "<Error><Code>SignatureDoesNotMatch</Code><Message>The request signature we calculated differs.</Message>"
        f"<StringToSign>{quoted}</StringToSign><StringToSignBytes>{in_bytes}</StringToSignBytes>"
        f"<SignatureProvided>{quoted}</SignatureProvided><AWSAccessKeyId>{quoted}</AWSAccessKeyId>"
        f"<CanonicalRequest>{quoted}</CanonicalRequest><CanonicalRequestBytes>{in_bytes}</CanonicalRequestBytes></Error>"
    )
    return reply(text.encode(), "403 Forbidden", "application/xml")


def _replies_with_the_request(request: Received, _connection: Connection) -> bytes:
    return reply(request.head)


def _replies_with_the_headers(request: Received, _connection: Connection) -> bytes:
    """As a service of echoes does: JSON whose member names are those of the headers."""
    lines = request.head.decode("latin-1").split("\r\n")[1:]
    return reply(json.dumps({"headers": dict(line.split(": ", 1) for line in lines)}).encode())


_NO_HTTP = frozenset((_breaks, _echo, _echo_header, _echo_status))
_QUOTING = frozenset(
    (_refuses_json, _refuses_s3, _replies_with_the_request, _replies_with_the_headers, *(_NO_HTTP - {_breaks}))
)

type Maker = Callable[[_Draft], Attempt]


def _matched(draft: _Draft) -> Attempt:
    return draft.attempt(_list_tables(draft))


def _mismatched(draft: _Draft) -> Attempt:
    return draft.attempt(_list_tables(draft), cloudmock=_says({"Count": 2}))


def _secret_string(draft: _Draft) -> Attempt:
    call = _json_call(draft, "secretsmanager", "secretsmanager.GetSecretValue", {"SecretId": "s"})
    secret = draft.payload("SecretString", "password")
    return draft.attempt(call, aws=_says({"SecretString": secret}), cloudmock=_says({"SecretString": "other"}))


def _secret_missing(draft: _Draft) -> Attempt:
    call = _json_call(draft, "secretsmanager", "secretsmanager.GetSecretValue", {"SecretId": "s"})
    secret = draft.payload("SecretString", "password")
    return draft.attempt(call, aws=_says({"SecretString": {"user": secret}}), cloudmock=_says({"ARN": 1}))


def _secret_put(draft: _Draft) -> Attempt:
    secret = draft.payload("SecretString", "password")
    body = {"SecretId": "s", "SecretString": secret, "ClientRequestToken": draft.payload("client token", "hex")}
    call = _json_call(draft, "secretsmanager", "secretsmanager.PutSecretValue", body)
    return draft.attempt(call, cloudmock=_says({"Count": 2}, "400 Bad Request"))


def _password(draft: _Draft) -> Attempt:
    secret = draft.payload("Cognito Password", "password")
    body = {"AuthFlow": "USER_PASSWORD_AUTH", "ClientId": "c", "AuthParameters": {"USERNAME": "u", "PASSWORD": secret}}
    target = "AWSCognitoIdentityProviderService.InitiateAuth"
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": target}
    tokens = {name: draft.payload(name) for name in ("AccessToken", "IdToken", "RefreshToken")}
    return draft.attempt(
        _http("POST", "/", headers, json.dumps(body).encode()),
        aws=_says({"AuthenticationResult": tokens, "Session": draft.payload("Cognito Session")}),
        cloudmock=_says({"AuthenticationResult": dict.fromkeys(tokens, "x"), "Session": "y" * 30}),
    )


def _quoted_password(draft: _Draft) -> Attempt:
    secret = draft.payload("Cognito Password quoted by an error", "password")
    body = {"Username": "u", "Password": secret, "ClientId": "c"}
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": "AWSCognitoIdentityProviderService.SignUp"}
    error = {"__type": "InvalidParameterException", "message": f"Value '{secret}' at 'password' failed to satisfy"}
    return draft.attempt(_http("POST", "/", headers, json.dumps(body).encode()), aws=_says(error, "400 Bad Request"))


def _access_key(draft: _Draft) -> Attempt:
    key, secret = draft.payload("AccessKeyId of a reply", "key"), draft.payload("SecretAccessKey of a reply")
    text = (
        "<CreateAccessKeyResponse><CreateAccessKeyResult><AccessKey><UserName>u</UserName><AccessKeyId>{}</AccessKeyId>"
        "<SecretAccessKey>{}</SecretAccessKey></AccessKey></CreateAccessKeyResult></CreateAccessKeyResponse>"
    )
    call = _form_call(draft, "iam", "Action=CreateAccessKey&Version=2010-05-08&UserName=u")
    return draft.attempt(call, aws=_xml(text.format(key, secret)), cloudmock=_xml(text.format("AKIAMOCK", "mock")))


def _role(draft: _Draft) -> Attempt:
    names = ("AccessKeyId", "SecretAccessKey", "SessionToken")
    credentials = {
        name: draft.payload(f"{name} of a role", "key" if name == "AccessKeyId" else "token") for name in names
    }

    def text(values: Mapping[str, str]) -> str:
        members = "".join(f"<{name}>{member}</{name}>" for name, member in values.items())
        expiry = "<Expiration>2030-01-01T00:00:00Z</Expiration>"
        result = f"<AssumeRoleResult><Credentials>{members}{expiry}</Credentials></AssumeRoleResult>"
        return f"<AssumeRoleResponse>{result}</AssumeRoleResponse>"

    call = _form_call(draft, "sts", "Action=AssumeRole&Version=2011-06-15&RoleArn=arn&RoleSessionName=s")
    return draft.attempt(call, aws=_xml(text(credentials)), cloudmock=_xml(text(dict.fromkeys(names, "mock"))))


def _with_role(draft: _Draft) -> Attempt:
    """A call with the credentials of `_role`."""
    key, token = (value(f"{name} of a role", "role is assumed", form) for name, form in _ROLE)
    scope = f"{key}/20260101/us-east-1/dynamodb/aws4_request"
    headers = {
        "Authorization": f"AWS4-HMAC-SHA256 Credential={scope}, SignedHeaders=host, Signature={'0' * 64}",
        "X-Amz-Security-Token": token,
        "X-Amz-Target": "DynamoDB_20120810.ListTables",
    }
    for name, form in _ROLE:
        draft.canaries.append(
            Canary(f"{name} of a role in use", draft.name, value(f"{name} of a role", "role is assumed", form), _IN_USE)
        )
    return draft.attempt(_http("POST", "/", headers, b"{}"), cloudmock=_says({"Count": 2}))


_ROLE = (("AccessKeyId", "key"), ("SessionToken", "token"))
_IN_USE = FLOWS | {"AWS", "app"}
"""A flow's body holds it: that of the call that made it."""


def _plaintext(draft: _Draft) -> Attempt:
    call = _json_call(draft, "kms", "TrentService.Decrypt", {"CiphertextBlob": "YQ=="})
    secret = draft.payload("KMS Plaintext", "base64")
    return draft.attempt(call, aws=_says({"Plaintext": secret}), cloudmock=_says({"Plaintext": "bW9jaw=="}))


def _parameter(draft: _Draft) -> Attempt:
    call = _json_call(draft, "ssm", "AmazonSSM.GetParameter", {"Name": "p", "WithDecryption": True})
    secret = draft.payload("SecureString", "password")
    answer = {"Parameter": {"Name": "p", "Type": "SecureString", "Value": secret}}
    return draft.attempt(call, aws=_says(answer), cloudmock=_says({"Parameter": {"Name": "p", "Value": "x"}}))


def _web_identity(draft: _Draft) -> Attempt:
    token = draft.payload("web identity token")
    form = f"Action=AssumeRoleWithWebIdentity&Version=2011-06-15&RoleArn=arn&WebIdentityToken={quote(token, '')}"
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    error = f"<Code>InvalidIdentityToken</Code><Message>No {token}</Message>"
    answer = f"<ErrorResponse><Error>{error}</Error></ErrorResponse>"
    call = _http("POST", "/", headers, form.encode())
    return draft.attempt(call, aws=_xml(answer, "400 Bad Request"), cloudmock=_xml("<R/>"))


def _single_sign_on(draft: _Draft) -> Attempt:
    headers = {"x-amz-sso_bearer_token": draft.secret("SSO bearer token", welcome=frozenset(("AWS",)))}
    role = {"accessKeyId": draft.payload("key of SSO", "key"), "secretAccessKey": draft.payload("secret of SSO")}
    call = _http("GET", "/federation/credentials?role_name=r&account_id=123456789012", headers)
    return draft.attempt(call, aws=_says({"roleCredentials": role}), cloudmock=_says({"roleCredentials": {}}))


def _bearer(draft: _Draft) -> Attempt:
    token = draft.secret("bearer token", welcome=frozenset(("AWS",)))
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    agent = {"User-Agent": "aws-sdk-js/3 api/codecatalyst#3 m/N"}
    return draft.attempt(_http("GET", "/session", headers | agent), cloudmock=_says({"Count": 2}))


def _unnamed_bearer(draft: _Draft) -> Attempt:
    headers = {"Authorization": f"Bearer {draft.secret('bearer token', welcome=frozenset(('AWS',)))}"}
    return draft.attempt(_http("GET", "/nobody/knows", headers))


def _refused_json(draft: _Draft) -> Attempt:
    return draft.attempt(_list_tables(draft), aws=_refuses_json)


def _refused_s3(draft: _Draft) -> Attempt:
    return draft.attempt(_http("GET", "/bucket/key", draft.signed("s3")), aws=_refuses_s3)


def _refused_by_both(draft: _Draft) -> Attempt:
    return draft.attempt(_http("GET", "/bucket/key", draft.signed("s3")), aws=_refuses_s3, cloudmock=_refuses_s3)


def _presigned(draft: _Draft) -> Attempt:
    scope = f"{draft.secret('app access key', 'key')}/20260101/us-east-1/s3/aws4_request"
    query = (
        f"X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential={quote(scope, '')}&X-Amz-Date=20260101T000000Z"
        f"&X-Amz-Expires=60&X-Amz-SignedHeaders=host&X-Amz-Signature={draft.secret('presigned signature', 'hex')}"
        f"&X-Amz-Security-Token={quote(draft.secret('x-amz-security-token in the query'), '')}"
    )
    return draft.attempt(_http("GET", f"/bucket/key?{query}", {}))


def _presigned_refused(draft: _Draft) -> Attempt:
    return replace(_presigned(draft), aws=_refuses_s3)


def _presigned_v2(draft: _Draft) -> Attempt:
    query = (
        f"AWSAccessKeyId={draft.secret('app access key', 'key')}&Expires=1900000000"
        f"&Signature={quote(draft.secret('presigned signature', 'base64'), '')}"
        f"&x-amz-security-token={quote(draft.secret('x-amz-security-token in the query'), '')}"
    )
    return draft.attempt(_http("GET", f"/bucket/key?{query}", {}))


def _parameters_v2(draft: _Draft) -> Attempt:
    form = (
        "Action=ListDomains&Version=2009-04-15&SignatureVersion=2&SignatureMethod=HmacSHA256"
        f"&AWSAccessKeyId={draft.secret('app access key', 'key')}"
        f"&Signature={quote(draft.secret('app signature', 'base64'), '')}"
        f"&SecurityToken={quote(draft.secret('app session token'), '')}"
    )
    headers = {"Content-Type": "application/x-www-form-urlencoded", "Host": "sdb.localhost"}
    return draft.attempt(_http("POST", "/", headers, form.encode()), aws=_xml("<R>1</R>"), cloudmock=_xml("<R>2</R>"))


def _customer_key(draft: _Draft) -> Attempt:
    name = "x-amz-server-side-encryption-customer-"
    key = draft.payload("SSE-C key", "base64")
    headers = {f"{name}algorithm": "AES256", f"{name}key": key, f"{name}key-MD5": "x"}
    call = _http("PUT", "/bucket/key", draft.signed("s3", **headers), b"body")
    return draft.attempt(call)


def _upload_form(draft: _Draft) -> Attempt:
    scope = f"{draft.secret('app access key', 'key')}/20260101/us-east-1/s3/aws4_request"
    token = draft.secret("app session token")
    conditions = [{"bucket": "bucket"}, {"x-amz-security-token": token}]
    policy = {"expiration": "2030-01-01T00:00:00Z", "conditions": conditions}
    fields = {
        "key": "k",
        "x-amz-algorithm": "AWS4-HMAC-SHA256",
        "x-amz-credential": scope,
        "x-amz-date": "20260101T000000Z",
        "x-amz-security-token": token,
        "policy": base64.b64encode(json.dumps(policy).encode()).decode(),
        "x-amz-signature": draft.secret("app signature", "hex"),
    }
    parts = [
        f'--b\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{field_value}\r\n'
        for name, field_value in fields.items()
    ]
    end = '--b\r\nContent-Disposition: form-data; name="file"; filename="f"\r\n\r\nbody\r\n--b--\r\n'
    kind = {"Content-Type": "multipart/form-data; boundary=b"}
    return draft.attempt(_http("POST", "/bucket", kind, ("".join(parts) + end).encode()))


def _chunked(draft: _Draft) -> Attempt:
    first, second = (draft.secret(f"chunk signature {number}", "hex") for number in (1, 2))
    trailer = draft.secret("trailer signature", "hex")
    body = (
        f"4;chunk-signature={first}\r\nbody\r\n0;chunk-signature={second}\r\nx-amz-checksum-crc32:AAAAAA==\r\n"
        f"x-amz-trailer-signature:{trailer}\r\n\r\n"
    )
    headers = {
        "Content-Encoding": "aws-chunked",
        "X-Amz-Content-SHA256": "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER",
        "X-Amz-Decoded-Content-Length": "4",
        "X-Amz-Trailer": "x-amz-checksum-crc32",
    }
    return draft.attempt(_http("PUT", "/bucket/key", draft.signed("s3", **headers), body.encode()))


def _broken_chunks(draft: _Draft) -> Attempt:
    signature = draft.secret("trailer signature", "hex")
    kind = "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER"
    headers = {"X-Amz-Content-SHA256": kind, "X-Amz-Decoded-Content-Length": "0"}
    body = f"0;chunk-signature={signature}\r\nx-amz-trailer-signature {signature}\r\n\r\n"
    return draft.attempt(_http("PUT", "/bucket/key", draft.signed("s3", **headers), body.encode()))


def _basic(draft: _Draft) -> Attempt:
    word = draft.secret("password of Authorization: Basic", welcome=frozenset(("AWS",)))
    headers = {
        "Authorization": f"Basic {base64.b64encode(f'user:{word}'.encode()).decode()}",
        "Cookie": f"session={draft.secret('cookie')}",
        "Proxy-Authorization": f"Basic {draft.secret('proxy password', 'base64')}",
    }
    return draft.attempt(_http("GET", "/bucket/key", headers))


def _set_cookie(draft: _Draft) -> Attempt:
    cookie = draft.payload("Set-Cookie")
    head = f"HTTP/1.1 200 OK\r\nSet-Cookie: s={cookie}\r\nContent-Length: 2\r\n\r\n"
    return draft.attempt(_list_tables(draft), aws=lambda _request, _connection: head.encode() + b"{}")


def _half_authorization(draft: _Draft) -> Attempt:
    key, signature = draft.secret("app access key", "key"), draft.secret("app signature", "hex")
    headers = {"Authorization": f"AWS4-HMAC-SHA256 Credential={key}, Signature={signature}", "X-Amz-Target": "a.B"}
    return draft.attempt(_http("POST", "/", headers, b"{}"), cloudmock=_says({"Count": 2}))


def _no_scope(draft: _Draft) -> Attempt:
    text = f"AWS4-HMAC-SHA256 Signature={draft.secret('app signature', 'hex', frozenset(('AWS',)))}"
    headers = {"Authorization": text, "X-Amz-Target": "DynamoDB_20120810.ListTables"}
    return draft.attempt(_http("POST", "/", headers, b"{}"), cloudmock=_says({"Count": 2}))


def _token_in_query(draft: _Draft) -> Attempt:
    token = draft.secret("x-amz-security-token in the query", welcome=frozenset(("AWS",)))
    query = f"X-Amz-Security-Token={quote(token, '')}"
    return draft.attempt(_http("GET", f"/bucket/key?{query}", draft.signed("s3")))


def _half_presigned(draft: _Draft) -> Attempt:
    scope = f"{draft.secret('app access key', 'key', frozenset(('AWS',)))}/20260101/us-east-1/s3/aws4_request"
    token = draft.secret("x-amz-security-token in the query", welcome=frozenset(("AWS",)))
    query = f"X-Amz-Credential={quote(scope, '')}&X-Amz-Security-Token={quote(token, '')}"
    return draft.attempt(_http("GET", f"/bucket/key?{query}", {}))


def _user_information(draft: _Draft) -> Attempt:
    target = f"http://user:{quote(draft.secret('password in the URL'), '')}@127.0.0.1/bucket/key"
    return draft.attempt(_http("GET", target, draft.signed("s3")), patience=3)


def _no_header_line(draft: _Draft) -> Attempt:
    call = _list_tables(draft)
    return draft.attempt(call.replace(b"\r\nX-Amz-Target", b"\r\nno header\r\nX-Amz-Target"), patience=3)


def _bad_request_line(draft: _Draft) -> Attempt:
    token = quote(draft.secret("x-amz-security-token in the query"), "")
    return draft.attempt(f"GET /a b?X-Amz-Security-Token={token} HTTP/1.1\r\n\r\n".encode(), patience=3)


def _aws_breaks(draft: _Draft) -> Attempt:
    return draft.attempt(_list_tables(draft), aws=_breaks)


def _cloudmock_breaks(draft: _Draft) -> Attempt:
    return draft.attempt(_list_tables(draft), cloudmock=_breaks)


def _aws_echoes(draft: _Draft) -> Attempt:
    return draft.attempt(_list_tables(draft), aws=_echo)


def _aws_echoes_a_header(draft: _Draft) -> Attempt:
    return draft.attempt(_list_tables(draft), aws=_echo_header)


def _aws_echoes_a_status(draft: _Draft) -> Attempt:
    return draft.attempt(_list_tables(draft), aws=_echo_status)


def _aws_replies_with_the_request(draft: _Draft) -> Attempt:
    return draft.attempt(_list_tables(draft), aws=_replies_with_the_request)


def _aws_replies_with_the_headers(draft: _Draft) -> Attempt:
    return draft.attempt(_list_tables(draft), aws=_replies_with_the_headers)


def _cloudmock_echoes(draft: _Draft) -> Attempt:
    return draft.attempt(_list_tables(draft), cloudmock=_echo)


def _cloudmock_is_late(draft: _Draft) -> Attempt:
    return draft.attempt(_list_tables(draft), cloudmock=_late(2.5, _says({})))


def _app_leaves(draft: _Draft) -> Attempt:
    return draft.attempt(_list_tables(draft), aws=_late(1.0, _says({})), patience=0.3)


def _under_way(draft: _Draft) -> Attempt:
    return draft.attempt(_list_tables(draft), aws=_late(1.5, _says({"Count": 1})))


def _presigned_under_way(draft: _Draft) -> Attempt:
    return replace(_presigned(draft), aws=_late(1.5, _says({"Count": 1})))


def _defect(function: str) -> Maker:
    """A request that makes this function fail, with an error that quotes what it was given."""

    def make(draft: _Draft) -> Attempt:
        head = f"HTTP/1.1 403 Forbidden\r\nX-Canary-Defect: {function}\r\nContent-Length: 2\r\n\r\n"
        call = _list_tables(draft, **{"X-Canary-Defect": function})
        return draft.attempt(call, patience=4, aws=lambda _request, _connection: head.encode() + b"{}")

    return make


DEFECTS = ("compare", "identify", "sign", "learn", "learns_time", "substituted", "redact_request")
"""Functions of the package that can be made to fail: `runs` knows where they are."""

_MAKERS: Mapping[str, Maker] = {
    "matched": _matched,
    "mismatched": _mismatched,
    "secret differs": _secret_string,
    "secret is missing": _secret_missing,
    "secret is put": _secret_put,
    "password": _password,
    "error quotes the password": _quoted_password,
    "access key is created": _access_key,
    "role is assumed": _role,
    "role is used": _with_role,
    "plaintext": _plaintext,
    "parameter": _parameter,
    "web identity, quoted by an error": _web_identity,
    "single sign-on": _single_sign_on,
    "bearer token": _bearer,
    "bearer token for nobody": _unnamed_bearer,
    "signature refused, JSON": _refused_json,
    "signature refused, S3": _refused_s3,
    "signature refused by both": _refused_by_both,
    "presigned URL": _presigned,
    "presigned URL refused": _presigned_refused,
    "presigned URL, version 2": _presigned_v2,
    "parameters, version 2": _parameters_v2,
    "customer key": _customer_key,
    "upload form": _upload_form,
    "aws-chunked": _chunked,
    "aws-chunked, broken": _broken_chunks,
    "Basic and cookies": _basic,
    "Set-Cookie": _set_cookie,
    "Authorization without a scope": _half_authorization,
    "Authorization without a key": _no_scope,
    "token in the query of a signed request": _token_in_query,
    "half a presigned URL": _half_presigned,
    "user and password in the URL": _user_information,
    "line that is no header": _no_header_line,
    "request line that is none": _bad_request_line,
    "AWS breaks the connection": _aws_breaks,
    "CloudMock breaks the connection": _cloudmock_breaks,
    "AWS sends the request back": _aws_echoes,
    "AWS sends the request back as a header": _aws_echoes_a_header,
    "AWS sends the request back as a status": _aws_echoes_a_status,
    "AWS replies with the request": _aws_replies_with_the_request,
    "AWS replies with the headers as JSON": _aws_replies_with_the_headers,
    "CloudMock sends the request back": _cloudmock_echoes,
    "CloudMock is too late": _cloudmock_is_late,
    "app leaves": _app_leaves,
    "under way": _under_way,
    "presigned URL under way": _presigned_under_way,
    **{f"defect in {function}": _defect(function) for function in DEFECTS},
}


def attempts() -> tuple[Attempt, ...]:
    """All of them, in the order in which they are made."""
    return tuple(make(_Draft(name)) for name, make in _MAKERS.items())
