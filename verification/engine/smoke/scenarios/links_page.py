"""A user's first links and files on the page."""

from __future__ import annotations

import os
from contextlib import suppress

from verification.engine.smoke.browser import expect, find_chromium, open_chromium
from verification.engine.smoke.http_session import Session, fetch
from verification.engine.smoke.scenarios.registry import Stages, scenario
from verification.engine.smoke.stage import EmbeddedStage
from verification.engine.smoke.visitor import PHONE, Steps, Visitor, hosts_of, public_url
from verification.model.smoke.page import LinksPageSeen

_TARGET = "https://example.com/a/long/way"
# The largest file that the API accepts.
_LARGE = 100 * 1024 * 1024
_FILENAME, _FILE = "shared.txt", b"the content of a shared file"


@scenario
def links_page(stages: Stages, environment: str) -> LinksPageSeen:
    """A user shortens a URL, shares a file, deletes the first link, and exceeds the quota."""
    find_chromium(os.environ)
    with (
        stages.embedded(environment, "links_page") as stage,
        open_chromium(os.environ, stage.folder, stage.sealed, hosts_of(stage)) as browser,
    ):
        url, pictures = public_url(stage), stages.reports.resolve() / "screenshots"
        _admit(stage, url)
        visitor = Visitor(stage, browser, url, PHONE, "pointer", pictures, "links")
        user, work = stage.deployment.user("links-page"), _Work(visitor)
        steps: Steps = [
            ("signed-out", visitor.open),
            ("new", lambda: visitor.fill_in("Sign in", email=user.email, password=user.password)),
            ("new", work.shorten),
            ("new", work.share),
            ("new", work.delete),
            ("new", lambda: work.exceed(user)),
        ]
        visit = visitor.visit(steps)
        listed = tuple(work.listed)
        return LinksPageSeen(visit, _TARGET, _FILENAME, _FILE, listed, work.content, work.said)


class _Work:
    """The steps on the list of links; `listed` has the names in the list after each.

    `said` is the message about a file above the quota.
    """

    def __init__(self, visitor: Visitor) -> None:
        self._visitor, self.listed = visitor, list[tuple[str, ...]]()
        self.content, self.said = b"", ""

    def shorten(self) -> None:
        """Create a link."""
        self._visitor.fill_in("Shorten", target=_TARGET)
        self._look(1)

    def share(self) -> None:
        """Share a file, and download it without a token."""
        page = self._visitor.page
        self._choose_and_share()
        self._look(2)
        shared = page.locator("#link-list li", has_text=_FILENAME).locator("a").inner_text()
        answer = self._visitor.stage.deployment.visitor().get("/" + shared.rpartition("/")[2])
        if answer.status == 302:
            self.content = fetch("GET", answer.headers["location"]).body

    def delete(self) -> None:
        """Delete the first link."""
        entry = self._visitor.page.locator("#link-list li", has_text=_TARGET)
        entry.locator("[data-delete]").tap()
        self._look(1)

    def exceed(self, user: Session) -> None:
        """Share as much as one may, by the API, and then one more file on the page."""
        size = _LARGE
        while size:
            answer = user.post("/api/uploads", {"filename": _FILENAME, "size": size})
            if answer.status != 201 or size < _LARGE:
                size //= 2
        # The browser complains of every answer that is an error, and this is the last step.
        self._visitor.watch.listening = False
        self._choose_and_share()
        message = self._visitor.page.locator("#links-message")
        with suppress(AssertionError):
            expect(message).to_have_attribute(
                "data-kind", "problem", timeout=self._visitor.patience
            )
        self.said = message.inner_text()

    def _choose_and_share(self) -> None:
        page, path = self._visitor.page, self._visitor.stage.folder / _FILENAME
        path.write_bytes(_FILE)
        page.locator("#file").set_input_files(path)
        page.get_by_role("button", name="Share", exact=True).tap()

    def _look(self, entries: int) -> None:
        found = self._visitor.page.locator("#link-list li")
        with suppress(AssertionError):
            expect(found).to_have_count(entries, timeout=self._visitor.patience)
        names = self._visitor.page.locator("#link-list [data-name]").all_inner_texts()
        self.listed.append(tuple(names))


def _admit(stage: EmbeddedStage, origin: str) -> None:
    """Let the bucket accept uploads from the load balancer's URL, if the public URL is HTTPS.

    The stack's own CORS rule has the public URL, which needs a certificate. The change is made in
    the scenario's fork only.
    """
    if str(stage.outputs["base_url"]).rstrip("/") == origin:
        return
    s3, bucket = stage.client("s3"), stage.outputs["uploads_bucket_name"]
    rules = s3.get_bucket_cors(Bucket=bucket)["CORSRules"]
    admitted = [rule | {"AllowedOrigins": [origin]} for rule in rules]
    s3.put_bucket_cors(Bucket=bucket, CORSConfiguration={"CORSRules": admitted})
