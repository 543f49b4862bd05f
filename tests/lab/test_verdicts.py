"""Two servers of one program, with accounts of their own: whatever is reported between them is a false alarm."""

from lab.stand_ins import servers
from support.programs import WORKLOAD, Start


def test_two_servers_of_one_program_match(start: Start, moto: servers.Server) -> None:
    """A workload over a dozen services matches in everything, though every id and the account differ; not if strict."""
    moto.reset()
    with servers.moto(account="222222222222", seed=2) as cloudmock:
        sides = ("--aws-endpoint", moto.url, "--cloudmock", cloudmock.url, "--port", "0")
        ended = start(*sides, "--run", WORKLOAD).wait()
        report = ended.report
        moto.reset()
        cloudmock.reset()
        strict = start(*sides, "--strict", "--run", WORKLOAD).wait()

    assert (0, []) == (ended.code, [entry["diffs"] for entry in report["mismatches"]])
    assert report["forgiven"]["tolerate identifiers"] > 10
    assert strict.report["mismatched"] > report["total_requests"] // 4
