"""Types and equality as JSON has them."""


def json_type(value: object) -> str:
    """The JSON name of a value's type."""
    match value:
        case None:
            return "null"
        case bool():
            return "boolean"
        case int() | float():
            return "number"
        case str():
            return "string"
        case list() | tuple():
            return "array"
        case _:
            return "object"


def is_same(aws: object, cloudmock: object) -> bool:
    """Equality as JSON has it: true is not 1, but 1.0 is 1; and NaN is NaN."""
    if isinstance(aws, dict):
        return (
            isinstance(cloudmock, dict)
            and aws.keys() == cloudmock.keys()
            and all(is_same(value, cloudmock[key]) for key, value in aws.items())
        )
    if isinstance(aws, list):
        return isinstance(cloudmock, list) and len(aws) == len(cloudmock) and all(map(is_same, aws, cloudmock))
    if isinstance(aws, bool) is not isinstance(cloudmock, bool):
        return False
    return aws == cloudmock or (aws != aws and cloudmock != cloudmock)  # noqa: PLR0124 (only NaN is not itself)
