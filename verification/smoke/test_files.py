"""Rung 5: files end with their links, are sent once, and stay within the quota."""

import pytest

from verification.checks.smoke import files as smoke_files

pytestmark = [
    pytest.mark.criterion("files-end"),
    pytest.mark.embedded("list the bucket, and have S3 fail on demand"),
]


def test_files_are_sent_once(file_ends, prove):
    """A second PUT by the same presigned URL is refused."""
    prove(smoke_files.are_sent_once(file_ends))


def test_files_are_deleted_with_their_links(file_ends, prove):
    """After a link's deletion no object is without a link."""
    prove(smoke_files.are_deleted_with_their_links(file_ends))


def test_files_expire_after_their_links(file_ends, contract, prove):
    """By the bucket's lifecycle, no object outlives its link for long."""
    prove(smoke_files.expire_after_their_links(file_ends, contract.uploads))


def test_files_stay_within_the_quota(file_ends, contract, prove):
    """The quota is exact, and what was deleted or has expired does not count."""
    prove(smoke_files.stay_within_the_quota(file_ends, contract.uploads))
