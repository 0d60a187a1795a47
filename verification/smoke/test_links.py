"""Rung 5: links and files work."""

import pytest

from verification.checks.smoke import links as smoke_links
from verification.checks.smoke import page as smoke_page

pytestmark = pytest.mark.criterion("links-work")


def test_links_are_answered(links, prove):
    """Every request for a link is answered as the API promises."""
    prove(smoke_links.are_answered(links))


def test_a_redirect_leads_to_the_target(links, prove):
    """A redirect leads to exactly the address that was shortened."""
    prove(smoke_links.redirects_to_the_target(links))


def test_every_click_is_counted(links, prove):
    """Forty clicks at the same time are all counted."""
    prove(smoke_links.counts_every_click(links))


def test_a_head_request_is_no_click(links, prove):
    """Asking for a link by HEAD counts no click."""
    prove(smoke_links.head_counts_no_click(links))


def test_short_addresses_are_public_ones(links, prove):
    """A short address begins with the public one, whatever host a client says it asked."""
    prove(smoke_links.lead_to_the_public_address(links))


def test_links_are_listed_in_pages(links, prove):
    """The pages of the list hold every own link once."""
    prove(smoke_links.are_listed_in_pages(links))


def test_links_expire_by_ttl(links, prove):
    """The table's TTL attribute holds the expiry."""
    prove(smoke_links.expire_by_ttl(links))


def test_files_come_back(file_link, prove):
    """A file goes up and comes down whole, by signed addresses."""
    prove(smoke_links.files_come_back(file_link))


@pytest.mark.embedded("share files in a bucket of the scenario's own")
def test_links_and_files_work_on_the_page(links_page, prove):
    """A user shortens an address, shares a file, sees both, and deletes one, in a browser."""
    prove(smoke_page.links_and_files_work(links_page))
