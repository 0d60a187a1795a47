"""Rung 5: links and files work."""

import pytest

from verification.checks.smoke import links as smoke_links
from verification.checks.smoke import page as smoke_page

pytestmark = pytest.mark.criterion("links-work")


def test_links_are_answered(links, prove):
    """Every request for a link is answered with the documented status."""
    prove(smoke_links.are_answered(links))


def test_a_redirect_leads_to_the_target(links, prove):
    """A redirect leads to exactly the URL that was shortened."""
    prove(smoke_links.redirects_to_the_target(links))


def test_every_click_is_counted(links, prove):
    """Forty concurrent clicks are all counted."""
    prove(smoke_links.counts_every_click(links))


def test_a_head_request_is_no_click(links, prove):
    """A HEAD request is not counted as a click."""
    prove(smoke_links.head_counts_no_click(links))


def test_short_addresses_are_public_ones(links, prove):
    """A short URL begins with the public URL, whatever Host a client sends."""
    prove(smoke_links.lead_to_the_public_address(links))


def test_links_are_listed_in_pages(links, prove):
    """The pages list each of the user's links once."""
    prove(smoke_links.are_listed_in_pages(links))


def test_links_expire_by_ttl(links, prove):
    """The table's TTL attribute holds the expiry."""
    prove(smoke_links.expire_by_ttl(links))


def test_files_come_back(file_link, prove):
    """A file is uploaded and downloaded unchanged, by presigned URLs."""
    prove(smoke_links.files_come_back(file_link))


@pytest.mark.embedded("share files in a bucket of the scenario's own")
def test_links_and_files_work_on_the_page(links_page, prove):
    """A user shortens an address, shares a file, sees both, and deletes one, in a browser."""
    prove(smoke_page.links_and_files_work(links_page))
