"""XML as the AWS protocols use it."""

from typing import Any
from xml.sax.saxutils import escape

import pytest
from botocore.model import ServiceModel
from hypothesis import given
from hypothesis import strategies as st

from cloudmock_contract.aws.wire import xml

SHAPES: dict[str, Any] = {
    "Thing": {
        "type": "structure",
        "members": {
            "Text": {"shape": "String"},
            "Renamed": {"shape": "String", "locationName": "other"},
            "Whole": {"shape": "Integer"},
            "Part": {"shape": "Double"},
            "Is": {"shape": "Boolean"},
            "When": {"shape": "Timestamp"},
            "Data": {"shape": "Blob"},
            "Nested": {"shape": "Thing"},
            "List": {"shape": "List"},
            "Named": {"shape": "NamedList", "locationName": "NamedSet"},
            "Flat": {"shape": "FlatList"},
            "FlatThings": {"shape": "FlatThings", "locationName": "FlatThing"},
            "Map": {"shape": "Map"},
            "FlatMap": {"shape": "FlatMap", "locationName": "Pair"},
            "Kind": {"shape": "String", "xmlAttribute": True, "locationName": "xsi:kind"},
            "Spaced": {"shape": "String", "locationName": "ns:spaced"},
        },
    },
    "String": {"type": "string"},
    "Integer": {"type": "integer"},
    "Double": {"type": "double"},
    "Boolean": {"type": "boolean"},
    "Timestamp": {"type": "timestamp"},
    "Blob": {"type": "blob"},
    "List": {"type": "list", "member": {"shape": "Integer"}},
    "NamedList": {"type": "list", "member": {"shape": "Thing", "locationName": "Entry"}},
    "FlatList": {"type": "list", "member": {"shape": "Integer"}, "flattened": True},
    "FlatThings": {"type": "list", "member": {"shape": "Thing"}, "flattened": True},
    "Map": {"type": "map", "key": {"shape": "String"}, "value": {"shape": "Integer"}},
    "FlatMap": {
        "type": "map",
        "key": {"shape": "String", "locationName": "Name"},
        "value": {"shape": "Integer", "locationName": "Number"},
        "flattened": True,
    },
}
MODEL = ServiceModel({"metadata": {"protocol": "rest-xml"}, "operations": {}, "shapes": SHAPES}, "model")
THING = MODEL.shape_for("Thing")


def raw(text: str) -> object:
    return xml.raw(xml.parse(text.encode()))


def thing(inner: str, attributes: str = "") -> dict[str, object]:
    return xml.structure(xml.parse(f"<Thing{attributes}>{inner}</Thing>".encode()), THING)


# Without a model.


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("<a/>", ""),
        ("<a></a>", ""),
        ("<a>text</a>", "text"),
        ("<a> kept  spaces </a>", " kept  spaces "),
        ("<a>&lt;&amp;&#233;</a>", "<&é"),
        ("<a><![CDATA[<b>]]></a>", "<b>"),
        ("<a><b>1</b><c/></a>", {"b": "1", "c": ""}),
        ("<a>\n  <b>1</b>\n</a>", {"b": "1"}),
        ("<a><b>1</b><b>2</b></a>", {"b": ["1", "2"]}),
        ("<a><b>1</b><c/><b>2</b><b>3</b></a>", {"b": ["1", "2", "3"], "c": ""}),
        ("<a><b><c>1</c></b><b><c>2</c></b></a>", {"b": [{"c": "1"}, {"c": "2"}]}),
        ("<a><member>1</member></a>", {"member": ["1"]}),
        ("<a><item>1</item><item>2</item></a>", {"item": ["1", "2"]}),
        ("<a><b><member>1</member></b><b><member>2</member></b></a>", {"b": [{"member": ["1"]}, {"member": ["2"]}]}),
        ('<a xmlns="urn:x"><b xmlns="urn:y">1</b></a>', {"b": "1"}),
        ('<p:a xmlns:p="urn:x"><p:b>1</p:b></p:a>', {"b": "1"}),
        ("<a><!-- a comment --><?and more?><b>1</b></a>", {"b": "1"}),
        ('<?xml version="1.0" encoding="UTF-8"?><a>é</a>', "é"),
    ],
)
def test_elements_become_objects_lists_and_strings(text: str, tree: object) -> None:
    """Children make an object, repeated ones a list, items of lists a list even if alone; the rest are strings."""
    assert tree == raw(text)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_the_declared_encoding_is_read(encoding: str) -> None:
    """XML in any encoding that it declares is the same XML."""
    name = encoding.removesuffix("-sig")
    text = f'<?xml version="1.0" encoding="{name}"?><a>é</a>'

    assert "é" == xml.raw(xml.parse(text.encode(encoding)))


def test_tags_lose_their_namespace() -> None:
    """An element's name is what follows its namespace."""
    root = xml.parse(b'<a xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><b/></a>')

    assert ["a", "b"] == [xml.tag(root), xml.tag(root[0])]


# By a shape.


@pytest.mark.parametrize(
    ("inner", "tree"),
    [
        ("", {}),
        ("<Text>a</Text><other>b</other>", {"Text": "a", "Renamed": "b"}),
        ("<Text/>", {"Text": ""}),
        ("<Text> a </Text>", {"Text": " a "}),
        ("<Renamed>b</Renamed>", {"<Renamed>": "b"}),
        ("<Renamed>b</Renamed><other>c</other>", {"<Renamed>": "b", "Renamed": "c"}),
        ("<Kind>User</Kind>", {"<Kind>": "User"}),
        ("<Text>a</Text><Text>b</Text><Text>c</Text>", {"Text": "a", "<Text>": ["b", "c"]}),
        ("<Named><Entry/></Named>", {"<Named>": {"Entry": ""}}),
        ("<spaced>b</spaced>", {"Spaced": "b"}),
        ("<Whole>12</Whole><Part>1.50</Part>", {"Whole": 12, "Part": 1.5}),
        ("<Whole>-1</Whole><Part>1e3</Part>", {"Whole": -1, "Part": 1000.0}),
        ("<Whole>twelve</Whole><Part/>", {"Whole": "twelve", "Part": ""}),
        ("<Whole>1.0</Whole>", {"Whole": "1.0"}),
        ("<Whole><Odd>1</Odd></Whole>", {"Whole": {"Odd": "1"}}),
        ("<Is>true</Is>", {"Is": True}),
        ("<Is>false</Is>", {"Is": False}),
        ("<Is>TRUE</Is>", {"Is": "TRUE"}),
        ("<Is>1</Is>", {"Is": "1"}),
        ("<Is><Odd/></Is>", {"Is": {"Odd": ""}}),
        ("<When>2026-01-01T00:00:00Z</When><Data>YQ==</Data>", {"When": "2026-01-01T00:00:00Z", "Data": "YQ=="}),
        ("<Nested><Nested><Whole>1</Whole></Nested></Nested>", {"Nested": {"Nested": {"Whole": 1}}}),
        ("<Nested/>", {"Nested": {}}),
        ("<List/>", {"List": []}),
        ("<List>\n</List>", {"List": []}),
        ("<List><member>1</member></List>", {"List": [1]}),
        ("<List><member>1</member><member>2</member></List>", {"List": [1, 2]}),
        ("<NamedSet><Entry><Text>a</Text></Entry></NamedSet>", {"Named": [{"Text": "a"}]}),
        ("<List><item>1</item></List>", {"List": [{"<item>": 1}]}),
        ("<List><member>1</member><Member>2</Member></List>", {"List": [1, {"<Member>": 2}]}),
        ("<NamedSet><member><Text>a</Text></member></NamedSet>", {"Named": [{"<member>": {"Text": "a"}}]}),
        ("<NamedSet><Text>a</Text></NamedSet>", {"Named": [{"<Text>": {}}]}),
        ("<member>1</member>", {"member": ["1"]}),
        ("<Flat>1</Flat>", {"Flat": [1]}),
        ("<Flat>1</Flat><Text>a</Text><Flat>2</Flat>", {"Flat": [1, 2], "Text": "a"}),
        ("<FlatThing><Whole>1</Whole></FlatThing><FlatThing/>", {"FlatThings": [{"Whole": 1}, {}]}),
        ("<Map/>", {"Map": {}}),
        ("<Map><entry><key>a</key><value>1</value></entry></Map>", {"Map": {"a": 1}}),
        ("<Map><entry><value>1</value><key>a</key></entry></Map>", {"Map": {"a": 1}}),
        ("<Map><entry><key/><value>1</value></entry></Map>", {"Map": {"": 1}}),
        ("<Map><entry><key>a</key></entry></Map>", {"Map": {"a": None}}),
        ("<Map><item><key>a</key><value>1</value></item></Map>", {"Map": {"<item>": [{"key": "a", "value": "1"}]}}),
        ("<Map><entry><value>1</value></entry></Map>", {"Map": {"<entry>": {"value": "1"}}}),
        ("<Map><entry><Key>a</Key><value>1</value></entry></Map>", {"Map": {"<entry>": {"Key": "a", "value": "1"}}}),
        (
            "<Map><entry><key>a</key><value>1</value><x/></entry></Map>",
            {"Map": {"<entry>": {"key": "a", "value": "1", "x": ""}}},
        ),
        ("<Map><key>a</key><value>1</value></Map>", {"Map": {"<key>": "a", "<value>": "1"}}),
        ("<Pair><Name>a</Name><Number>1</Number></Pair>", {"FlatMap": {"a": 1}}),
        ("<Pair><key>a</key><value>1</value></Pair>", {"FlatMap": {"<Pair>": {"key": "a", "value": "1"}}}),
        (
            "<Pair><Name>a</Name><Number>1</Number></Pair><Pair><Name>b</Name><Number>2</Number></Pair>",
            {"FlatMap": {"a": 1, "b": 2}},
        ),
        ("<Unknown>1</Unknown>", {"Unknown": "1"}),
        ("<Unknown>1</Unknown><Unknown>2</Unknown>", {"Unknown": ["1", "2"]}),
        ("<Unknown><Whole>1</Whole></Unknown><Whole>1</Whole>", {"Unknown": {"Whole": "1"}, "Whole": 1}),
        ("<whole>1</whole>", {"whole": "1"}),
        ("<Nested><Unknown/></Nested>", {"Nested": {"Unknown": ""}}),
    ],
)
def test_elements_become_what_the_shape_says(inner: str, tree: dict[str, object]) -> None:
    """Known elements have the member's name and type, wrong values stay text, and unknown elements are kept."""
    assert tree == thing(inner)


def test_members_of_headers_are_not_in_the_body() -> None:
    """What stands there under their names is something else."""
    members = {
        "Here": {"shape": "String"},
        "There": {"shape": "String", "location": "header", "locationName": "x-there"},
    }
    shapes = {"Output": {"type": "structure", "members": members}, "String": {"type": "string"}}
    output = ServiceModel({"metadata": {"protocol": "rest-xml"}, "operations": {}, "shapes": shapes}, "m").shape_for(
        "Output"
    )
    body = b"<Output><Here>a</Here><There>b</There><x-there>c</x-there></Output>"

    assert {"Here": "a", "<There>": "b", "x-there": "c"} == xml.structure(xml.parse(body), output)


@pytest.mark.parametrize(
    ("item_name", "expected"), [("", "Things"), ("Thing", "Thing"), ("item", "Things"), ("member", "Things")]
)
def test_a_flattened_list_has_the_name_of_its_items(item_name: str, expected: str) -> None:
    """Where the model gives them one of their own, as SimpleDB's does; the names of all items are none."""
    member = {"shape": "String"} | ({"locationName": item_name} if item_name else {})
    shapes = {
        "Output": {"type": "structure", "members": {"Things": {"shape": "Things", "flattened": True}}},
        "Things": {"type": "list", "member": member},
        "String": {"type": "string"},
    }
    output = ServiceModel({"metadata": {"protocol": "query"}, "operations": {}, "shapes": shapes}, "m").shape_for(
        "Output"
    )

    assert {"Things": ["a"]} == xml.structure(xml.parse(f"<r><{expected}>a</{expected}></r>".encode()), output)
    other = "Things" if expected == "Thing" else "Other"
    assert "Things" not in xml.structure(xml.parse(f"<r><{other}>a</{other}></r>".encode()), output)


def test_attributes_become_members() -> None:
    """An attribute that the shape knows is a member, in whatever namespace, but in one; others are left out."""
    attributes = ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:kind="User" other="x"'

    assert {"Kind": "User", "Text": "a"} == thing("<Text>a</Text>", attributes)
    assert {"Text": "a"} == thing("<Text>a</Text>", ' kind="User"')


def test_a_shapes_own_namespace_does_not_matter() -> None:
    """Elements are known by their names, in any namespace or none."""
    assert {"Text": "a", "List": [1]} == thing("<Text>a</Text><List><member>1</member></List>", ' xmlns="urn:x"')


# What is no XML that AWS would send.


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b" ",
        b"text",
        b"{}",
        b"<a>",
        b"<a></b>",
        b"<a/><b/>",
        b"<a>&nbsp;</a>",
        b"<a b=c/>",
        b"<a>\x00</a>",
        b"<a>\xff</a>",
        b"\xff\xfe<",
        b'<?xml version="1.0" encoding="no-such-code"?><a/>',
        b'<?xml version="1.0" encoding="utf-7"?><a/>',
    ],
)
def test_what_is_no_xml_is_refused(text: bytes) -> None:
    """Broken XML, and an encoding that cannot be read, are one kind of error."""
    with pytest.raises(xml.NotXmlError):
        xml.parse(text)


LAUGHS = (
    "<!DOCTYPE lolz [<!ENTITY lol0 'lol'>"
    + "".join(f"<!ENTITY lol{number + 1} '{f'&lol{number};' * 10}'>" for number in range(9))
    + "]><lolz>&lol9;</lolz>"
)


@pytest.mark.parametrize(
    "text",
    [
        LAUGHS,
        "<!DOCTYPE a><a/>",
        "<!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0 Strict//EN' 'http://www.w3.org/TR/x.dtd'><html/>",
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'><a/>",
        "<!DOCTYPE a [<!ENTITY x SYSTEM 'file:///etc/passwd'>]><a>&x;</a>",
        "<!DOCTYPE a [<!ENTITY % x SYSTEM 'http://127.0.0.1:9/x'> %x;]><a/>",
        "<?xml version='1.0'?>\n<!-- first -->\n<!DOCTYPE a [<!ATTLIST a b CDATA 'c'>]><a/>",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_document_types_are_refused(text: str, encoding: str) -> None:
    """No entity is ever expanded or fetched: what declares a document type is refused."""
    with pytest.raises(xml.NotXmlError, match="it declares a document type"):
        xml.parse(text.encode(encoding))


# What holds for all XML.

NAMES = st.text("abcXYZ", min_size=1, max_size=4)
TEXTS = st.text(st.characters(codec="utf-8", exclude_categories=["C", "Zl", "Zp"]))
TREES = st.recursive(
    TEXTS, lambda below: st.dictionaries(NAMES, below | st.lists(below, min_size=2, max_size=3), min_size=1, max_size=3)
)


def written(name: str, tree: object) -> str:
    """The XML of a tree, written by hand."""
    if isinstance(tree, dict):
        inner = "".join(
            "".join(written(key, item) for item in (value if isinstance(value, list) else [value]))
            for key, value in tree.items()
        )
    else:
        inner = escape(str(tree))
    return f"<{name}>{inner}</{name}>"


@given(NAMES, TREES)
def test_what_is_written_comes_back(name: str, tree: object) -> None:
    """Any tree of objects, lists of several items and strings, as XML, is read as the same tree."""
    assert tree == raw(written(name, tree))


@given(st.dictionaries(TEXTS, st.integers()), st.lists(st.integers()), TEXTS, st.booleans())
def test_what_is_written_by_a_shape_comes_back(
    pairs: dict[str, int],
    numbers: list[int],
    text: str,
    flag: bool,
) -> None:
    """So is any value of a shape."""
    entries = "".join(f"<entry><key>{escape(key)}</key><value>{value}</value></entry>" for key, value in pairs.items())
    inner = (
        f"<Map>{entries}</Map><List>{''.join(f'<member>{number}</member>' for number in numbers)}</List>"
        f"{''.join(f'<Flat>{number}</Flat>' for number in numbers)}"
        f"<Text>{escape(text)}</Text><Is>{str(flag).lower()}</Is>"
    )
    expected = {"Map": pairs, "List": numbers, "Text": text, "Is": flag} | ({"Flat": numbers} if numbers else {})

    assert expected == thing(inner)


@given(st.binary() | st.text("<>/ab \"='&;!?[]-\n").map(str.encode))
def test_anything_is_read_or_refused(text: bytes) -> None:
    """There are no bytes on which reading breaks."""
    try:
        root = xml.parse(text)
    except xml.NotXmlError:
        return

    assert isinstance(xml.raw(root), str | dict)
    assert isinstance(xml.structure(root, THING), dict)
