"""The hub that tests download from."""

from __future__ import annotations

from http.client import HTTPConnection

from stenograf.testing.hub import FakeHub, Repository


class StopsWhenAsked(dict[str, Repository]):
    """Repositories of a hub that goes away while it answers."""

    hub: FakeHub

    def get(self, name: str, default: object = None) -> Repository:
        """The repository, of a hub that is gone by now."""
        self.hub.stop()
        return self[name]


def test_an_answer_under_way_outlives_the_hub() -> None:
    """It still names the delivery network, where nobody listens any more."""
    repositories = StopsWhenAsked()
    with FakeHub(repositories=repositories) as hub:
        hub.add("somebody/model", {"model.bin": b"weights"})
        repositories.hub = hub
        connection = HTTPConnection(hub.url.removeprefix("http://"), timeout=10)
        connection.request("GET", "/somebody/model/resolve/main/model.bin")
        answer = connection.getresponse()
        assert (answer.status, answer.headers["Location"]) == (
            302,
            f"{hub.address('cdn')}/blobs/{answer.headers['X-Linked-Etag'].strip(chr(34))}",
        )
        connection.close()
