"""Routes of REST operations."""

import re
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.operations.routes import Route, Routes


def model(*operations: tuple[str, str, str], protocol: str = "rest-json", **more: dict[str, Any]) -> dict[str, Any]:
    """A model of (name, method, URI) operations; `more`: other parts of the operation of that name."""
    inputs: dict[str, Any] = {}
    described = {}
    for name, method, uri in operations:
        extra = dict(more.get(name, {}))
        if members := extra.pop("members", None):
            inputs[f"{name}Input"] = {"type": "structure", "members": members, "required": list(members)}
            extra["input"] = {"shape": f"{name}Input"}
        described[name] = {"name": name, "http": {"method": method, "requestUri": uri}, **extra}
    return {"metadata": {"protocol": protocol}, "operations": described, "shapes": inputs}


def tied(
    routes: Routes, path: str, method: str = "GET", query: str = "", header_names: tuple[str, ...] = ()
) -> tuple[Route, ...]:
    """The routes of a path as a client writes it: without its first slash, and without its last one."""
    segments = tuple(path.strip("/").split("/")) if path.strip("/") else ()
    pairs = [(name, value) for name, _, value in (pair.partition("=") for pair in query.split("&") if pair)]
    return routes.match(
        method, segments, trailing_slash=path.endswith("/"), query=pairs, header_names=frozenset(header_names)
    )


def matched(
    routes: Routes, path: str, method: str = "GET", query: str = "", header_names: tuple[str, ...] = ()
) -> Route | None:
    """The best route."""
    return next(iter(tied(routes, path, method, query, header_names)), None)


def action(
    routes: Routes, path: str, method: str = "GET", query: str = "", header_names: tuple[str, ...] = ()
) -> str | None:
    route = matched(routes, path, method, query, header_names)
    return route.action if route else None


def names(routes: tuple[Route, ...]) -> list[str]:
    return [f"{route.service}.{route.action}" for route in routes]


THINGS = Routes(
    {
        "things": model(
            ("List", "GET", "/things"),
            ("Create", "POST", "/things"),
            ("Get", "GET", "/things/{id}"),
            ("GetAll", "GET", "/things/all"),
            ("GetPart", "GET", "/things/{id}/parts/{part}"),
            ("GetFirst", "GET", "/things/{id}/parts/first"),
            ("Root", "GET", "/"),
        )
    }
)


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("GET", "/", "Root"),
        ("GET", "/things", "List"),
        ("POST", "/things", "Create"),
        ("GET", "/things/1", "Get"),
        ("GET", "/things/all", "GetAll"),
        ("GET", "/things/ALL", "Get"),
        ("GET", "/things/1/parts/2", "GetPart"),
        ("GET", "/things/1/parts/first", "GetFirst"),
        ("GET", "/things/all/parts/first", "GetFirst"),
        ("GET", "/things/arn:aws:x:y::z", "Get"),
        ("DELETE", "/things", None),
        ("get", "/things", None),
        ("GET", "/thing", None),
        ("GET", "/Things", None),
        ("GET", "/things/1/parts", None),
        ("GET", "/things/1/2", None),
        ("GET", "/things//parts/2", None),
        ("POST", "/", None),
    ],
)
def test_a_path_belongs_to_one_route(method: str, path: str, expected: str | None) -> None:
    """A literal segment comes before a label, a label takes one segment that is not empty, and the method counts."""
    assert expected == action(THINGS, path, method)


def test_a_route_says_whose_it_is() -> None:
    """A route has the service, the operation and the protocol of its model."""
    route = matched(Routes({"s3": model(("GetObject", "GET", "/{Bucket}/{Key+}"), protocol="rest-xml")}), "/b/k")

    assert route
    assert ("s3", "GetObject", "rest-xml") == (route.service, route.action, route.protocol)


GREEDY = Routes({"greedy": model(("Get", "GET", "/{bucket}/{key+}"), ("Tag", "GET", "/tag/{arn+}/tags"))})


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/b/k", "Get"),
        ("/b/k/l/m", "Get"),
        ("/b", None),
        ("/tag/a/tags", "Tag"),
        ("/tag/a/b/c/tags", "Tag"),
        ("/tag/tags/tags", "Tag"),
        ("/tag/a/tags/b", "Get"),
        ("/tag/tags", "Get"),
    ],
)
def test_a_greedy_label_takes_one_segment_or_more(path: str, expected: str | None) -> None:
    """So it does at the end of a route and in the middle of one."""
    assert expected == action(GREEDY, path)


def test_a_greedy_label_takes_empty_segments() -> None:
    """A key may begin with a slash, end with one, and have several in a row."""
    for segments in (("b", ""), ("b", "", "k"), ("b", "k", "", "")):
        routes = GREEDY.match("GET", segments, trailing_slash=False, query=(), header_names=())

        assert ["greedy.Get"] == names(routes)


S3 = Routes(
    {
        "s3": model(
            ("ListObjects", "GET", "/{Bucket}"),
            ("ListObjectsV2", "GET", "/{Bucket}?list-type=2"),
            ("GetAcl", "GET", "/{Bucket}?acl"),
            ("GetInventory", "GET", "/{Bucket}?inventory"),
            ("ListInventories", "GET", "/{Bucket}?inventory&x-id=ListInventories"),
            ("PutObject", "PUT", "/{Bucket}/{Key+}?x-id=PutObject"),
            ("CopyObject", "PUT", "/{Bucket}/{Key+}?x-id=CopyObject"),
            ("UploadPart", "PUT", "/{Bucket}/{Key+}?x-id=UploadPart"),
            GetInventory={"members": {"Id": {"location": "querystring", "locationName": "id"}}},
            CopyObject={"members": {"Source": {"location": "header", "locationName": "x-amz-Copy-Source"}}},
            UploadPart={
                "members": {
                    "Part": {"location": "querystring", "locationName": "partNumber"},
                    "Id": {"location": "querystring", "locationName": "uploadId"},
                }
            },
        )
    }
)


@pytest.mark.parametrize(
    ("method", "path", "query", "header_names", "expected"),
    [
        ("GET", "/b", "", (), "ListObjects"),
        ("GET", "/b", "list-type=2", (), "ListObjectsV2"),
        ("GET", "/b", "list-type=2&prefix=acl", (), "ListObjectsV2"),
        ("GET", "/b", "list-type=1", (), "ListObjects"),
        ("GET", "/b", "list-type", (), "ListObjects"),
        ("GET", "/b", "acl", (), "GetAcl"),
        ("GET", "/b", "acl=", (), "GetAcl"),
        ("GET", "/b", "acl=anything", (), "GetAcl"),
        ("GET", "/b", "prefix=acl", (), "ListObjects"),
        ("GET", "/b", "ACL", (), "ListObjects"),
        ("GET", "/b", "inventory", (), "ListInventories"),
        ("GET", "/b", "inventory&id=1", (), "GetInventory"),
        ("GET", "/b", "inventory&id=1&x-id=ListInventories", (), "ListInventories"),
        ("PUT", "/b/k", "", (), "PutObject"),
        ("PUT", "/b/k", "", ("x-amz-copy-source",), "CopyObject"),
        ("PUT", "/b/k", "partNumber=1&uploadId=2", (), "UploadPart"),
        ("PUT", "/b/k", "partNumber=1", (), "PutObject"),
        ("PUT", "/b/k", "x-id=PutObject", ("x-amz-copy-source",), "PutObject"),
        ("PUT", "/b/k", "x-id=Unheard", (), "PutObject"),
        ("PUT", "/b/k", "x-id", (), "PutObject"),
    ],
)
def test_query_and_headers_decide_between_routes(
    method: str, path: str, query: str, header_names: tuple[str, ...], expected: str
) -> None:
    """A route's query literals must be there; the one whose required members are all there, and most of them, wins."""
    assert expected == action(S3, path, method, query, header_names)


def test_what_a_route_requires_is_no_condition() -> None:
    """A request that lacks a required member is still one for the only route that fits it."""
    members = {"Id": {"location": "querystring", "locationName": "id"}, "H": {"location": "header"}}
    routes = Routes({"one": model(("Get", "GET", "/things"), Get={"members": members})})

    assert "Get" == action(routes, "/things")


def test_the_trailing_slash_decides_between_routes() -> None:
    """It is not a segment, and counts only where nothing else does."""
    routes = Routes({"one": model(("Plain", "GET", "/things"), ("Slash", "GET", "/things/"))})

    assert ("Plain", "Slash") == (action(routes, "/things"), action(routes, "/things/"))
    assert "List" == action(THINGS, "/things/")


def test_a_deprecated_operation_comes_last() -> None:
    """Of two operations in one place, the one that is not deprecated is meant."""
    routes = Routes({"one": model(("A", "GET", "/things"), ("B", "GET", "/things"), A={"deprecated": True})})

    assert "B" == action(routes, "/things")


def test_the_first_service_is_preferred() -> None:
    """Of two services with the same route, the first one is meant; with another route, the other one is found."""
    first, second = model(("Get", "GET", "/{id}")), model(("Get", "GET", "/{name}"), ("Put", "PUT", "/{name}"))
    routes = Routes({"first": first, "second": second})

    assert "first" == getattr(matched(routes, "/1"), "service", None)
    assert "second" == getattr(matched(routes, "/1", "PUT"), "service", None)
    assert "second" == getattr(matched(Routes({"second": second, "first": first}), "/1"), "service", None)


def test_all_that_tie_are_there_and_the_likeliest_first() -> None:
    """What only a request's values can tell apart is left open: first what is not deprecated, then by service."""
    first = model(("Zeta", "GET", "/{id}"), ("Old", "GET", "/{id}"), Old={"deprecated": True})
    second = model(("Alpha", "GET", "/{name}"), ("Beta", "GET", "/{name}"), ("Longer", "GET", "/{name}/more"))
    routes = Routes({"first": first, "second": second})

    assert ["first.Zeta", "second.Alpha", "second.Beta", "first.Old"] == names(tied(routes, "/1"))
    assert ["second.Longer"] == names(tied(routes, "/1/more"))
    assert () == tied(routes, "/1/2")


def test_what_decides_leaves_nothing_tied() -> None:
    """A route that fits better than the others is alone, whatever the order of the services."""
    first, second = model(("Get", "GET", "/{id}")), model(("GetAll", "GET", "/all"), ("Get", "GET", "/{id}"))

    assert ["second.GetAll"] == names(tied(Routes({"first": first, "second": second}), "/all"))
    assert ["first.Get", "second.Get"] == names(tied(Routes({"first": first, "second": second}), "/1"))


LITERAL = Routes(
    {
        "literal": model(
            ("Get", "GET", "/things/{id}"),
            ("GetConfig", "GET", "/things/{id}?config"),
            ("Export", "GET", "/exports/{id}?format=sdk"),
            ("ExportAll", "GET", "/exports/{id}?format=sdk&all=true"),
            ("Mode", "GET", "/modes?mode=a"),
            ("Flag", "GET", "/flags?flag"),
            GetConfig={"members": {"Id": {"location": "querystring", "locationName": "config-id"}}},
        )
    }
)


@pytest.mark.parametrize(
    ("path", "query", "expected"),
    [
        ("/things/1", "", ["Get"]),
        ("/things/1", "config&config-id=1", ["GetConfig"]),
        ("/things/1", "config", ["GetConfig"]),
        ("/things/1", "config-id=1", ["Get"]),
        ("/exports/1", "format=sdk", ["Export"]),
        ("/exports/1", "format=sdk&all=true", ["ExportAll"]),
        ("/exports/1", "format=sdk&all=false", ["Export"]),
        ("/modes", "mode=a", ["Mode"]),
        ("/modes", "", ["Mode"]),
        ("/modes", "mode=b", ["Mode"]),
        ("/flags", "flag", ["Flag"]),
        ("/flags", "flag=1", ["Flag"]),
        ("/flags", "", []),
        ("/flags", "other", []),
    ],
)
def test_what_a_route_spells_out_of_the_query_counts_most(path: str, query: str, expected: list[str]) -> None:
    """A literal outweighs a required member that is missing; one with a value is forgiven if nothing else fits."""
    assert [f"literal.{name}" for name in expected] == names(tied(LITERAL, path, "GET", query))


def test_only_rest_operations_have_routes() -> None:
    """A service that speaks no REST protocol answers to no path; one that speaks several is known by its REST one."""
    plain = model(("Do", "POST", "/"), protocol="json")
    both = {**plain, "metadata": {"protocol": "json", "protocols": ["json", "rest-json"]}}
    route = matched(Routes({"both": both}), "/", "POST")

    assert matched(Routes({"plain": plain}), "/", "POST") is None
    assert route
    assert "rest-json" == route.protocol


def test_no_services_have_no_routes() -> None:
    """Without services, nothing fits."""
    assert () == Routes({}).match("GET", (), trailing_slash=True, query=(), header_names=())


_NAMES = st.text("abc", min_size=1, max_size=3)
_SEGMENTS = _NAMES | _NAMES.map("{{{}}}".format)
_TEMPLATES = st.lists(_SEGMENTS, max_size=3).flatmap(
    lambda parts: st.integers(0, len(parts)).flatmap(
        lambda index: st.sampled_from([parts, [*parts[:index], "{greedy+}", *parts[index:]]])
    )
)
_VALUES = st.text(st.characters(exclude_characters="/"), min_size=1, max_size=5)


@given(template=_TEMPLATES, data=st.data())
def test_every_way_to_fill_a_route_leads_to_it(template: list[str], data: st.DataObject) -> None:
    """Whatever stands for its labels, one or many segments for a greedy one, a path belongs to its route."""
    routes = Routes({"one": model(("Do", "GET", "/" + "/".join(template)))})
    segments: list[str] = []
    for part in template:
        if part == "{greedy+}":
            segments += data.draw(st.lists(_VALUES, min_size=1, max_size=3))
        else:
            segments.append(data.draw(_VALUES) if part.startswith("{") else part)
    matches = routes.match("GET", tuple(segments), trailing_slash=False, query=(), header_names=())

    assert {"one.Do"} == set(names(matches))


@given(template=_TEMPLATES, segments=st.lists(st.text("abc", max_size=2), max_size=5))
def test_no_other_path_leads_to_a_route(template: list[str], segments: list[str]) -> None:
    """A path belongs to a route exactly if the route, read as a pattern, says so."""
    routes = Routes({"one": model(("Do", "GET", "/" + "/".join(template)))})
    patterns = [
        ".*" if part == "{greedy+}" else "[^/]+" if part.startswith("{") else re.escape(part) for part in template
    ]
    # A greedy label takes at least one segment, which may be empty: one slash more than it has neighbours.
    expected = re.fullmatch("/".join(patterns), "/".join(segments)) is not None and bool(segments) == bool(template)
    matches = routes.match("GET", tuple(segments), trailing_slash=False, query=(), header_names=())

    assert expected == bool(matches)
