"""Each way in which a table can be wrong."""

from __future__ import annotations

from dataclasses import replace

from tests.checks.edits import copy, drop, edit, together
from tests.checks.kit import Case, Twin
from verification.checks.registry import checks_in
from verification.checks.stack import cost, tables
from verification.model.stack import Index
from verification.model.ternary import Unknown

URLS = "aws_dynamodb_table.urls"
USERS = "aws_dynamodb_table.users"
EXTRA = Index("extra", "short_code", None, "ALL", 1000, 1000)
WITHOUT_URLS = (*checks_in((tables,))[1:], cost.stays_below_the_ceiling)


def index(**changes: object) -> object:
    """Change the only index of a table."""
    return lambda indexes: (replace(indexes[0], **changes),)


TWINS = [
    Twin(
        tables.have_keys,
        "hash key renamed",
        edit("tables", USERS, hash_key="id"),
        USERS,
        "the hash key is 'id'; expected 'user_id'",
    ),
    Twin(
        tables.have_keys,
        "range key added",
        edit("tables", URLS, range_key="created_at"),
        URLS,
        "the range key is 'created_at'; expected none",
    ),
    Twin(
        tables.have_keys,
        "e-mail is a number",
        edit("tables", USERS, attributes={"user_id": "S", "email": "N"}),
        USERS,
        "the attribute types are user_id = 'S', email = 'N'; expected",
    ),
    Twin(
        tables.have_keys,
        "attribute left out",
        edit("tables", URLS, attributes={"short_code": "S"}),
        URLS,
        "created_by_user = not set",
    ),
    Twin(
        tables.have_keys,
        "table removed",
        drop("tables", URLS),
        "file-sharing-app-prod-urls",
        "the table is missing. Add it to modules/dynamodb",
        also=WITHOUT_URLS,
    ),
    Twin(
        tables.have_keys,
        "table without its environment's name",
        edit("tables", URLS, name="file-sharing-app-urls"),
        "file-sharing-app-prod-urls",
        "the table is missing",
        also=WITHOUT_URLS,
    ),
    Twin(
        tables.have_keys,
        "prod on dev's table",
        edit("tables", URLS, name="file-sharing-app-dev-urls"),
        "file-sharing-app-prod-urls",
        "the table is missing",
        also=WITHOUT_URLS,
    ),
    Twin(
        tables.have_keys,
        "second table of the same name with another key",
        together(
            copy("tables", USERS, address="aws_dynamodb_table.shadow"),
            edit("tables", USERS, hash_key="id"),
        ),
        USERS,
        "the hash key is 'id'",
    ),
    Twin(
        tables.have_indexes,
        "email-index removed",
        edit("tables", USERS, indexes=()),
        USERS,
        "the indexes are none; expected 'email-index'",
    ),
    Twin(
        tables.have_indexes,
        "email-index renamed",
        edit("tables", USERS, indexes=index(name="email")),
        USERS,
        "the indexes are 'email'; expected 'email-index'",
    ),
    Twin(
        tables.have_indexes,
        "email-index on another key",
        edit("tables", USERS, indexes=index(hash_key="user_id")),
        USERS,
        "email-index's hash key, range key and projection are 'user_id'",
    ),
    Twin(
        tables.have_indexes,
        "email-index with a range key",
        edit("tables", USERS, indexes=index(range_key="user_id")),
        USERS,
        "expected 'email', not set, 'ALL'",
    ),
    Twin(
        tables.have_indexes,
        "user-index with keys only",
        edit("tables", URLS, indexes=index(projection="KEYS_ONLY")),
        URLS,
        "'KEYS_ONLY'; expected",
    ),
    Twin(
        tables.have_indexes,
        "index that nobody planned",
        edit("tables", URLS, indexes=lambda i: (*i, EXTRA)),
        URLS,
        "the indexes are 'extra', 'user-index'; expected 'user-index'",
    ),
    Twin(
        tables.have_a_maximum_throughput,
        "no maximum of writes",
        edit("tables", URLS, max_write_units=None),
        URLS,
        "max_write_request_units of the table is not set; expected from 530 to 2000. Set on_demand",
    ),
    Twin(
        tables.have_a_maximum_throughput,
        "maximum far above the load",
        edit("tables", USERS, max_read_units=40000),
        USERS,
        "max_read_request_units of the table is 40000; expected from 530 to 2000",
    ),
    Twin(
        tables.have_a_maximum_throughput,
        "maximum below what the tasks carry",
        edit("tables", URLS, max_write_units=100),
        URLS,
        "max_write_request_units of the table is 100; expected from 530",
    ),
    Twin(
        tables.have_a_maximum_throughput,
        "maximum of the table alone",
        edit("tables", URLS, indexes=index(max_read_units=None)),
        URLS,
        "max_read_request_units of user-index is not set",
    ),
    Twin(
        tables.have_a_maximum_throughput,
        "prod's maximum in dev",
        edit("tables", USERS, max_read_units=1200),
        USERS,
        "is 1200; expected from 90 to 500",
        environment="dev",
    ),
    Twin(
        tables.are_billed_on_demand,
        "provisioned",
        edit("tables", URLS, billing_mode="PROVISIONED"),
        URLS,
        "billing_mode is 'PROVISIONED'; expected 'PAY_PER_REQUEST'",
        also=(cost.stays_below_the_ceiling,),
    ),
    Twin(
        tables.are_billed_on_demand,
        "billing mode left out",
        edit("tables", USERS, billing_mode=None),
        USERS,
        "billing_mode is not set",
        also=(cost.stays_below_the_ceiling,),
    ),
    Twin(
        tables.expire,
        "TTL attribute renamed",
        edit("tables", URLS, ttl_attribute="expires_at"),
        URLS,
        "the TTL attribute is 'expires_at'; expected 'expires_at_ttl'",
    ),
    Twin(
        tables.expire,
        "TTL off",
        edit("tables", URLS, ttl_attribute=None),
        URLS,
        "the TTL attribute is not set; expected 'expires_at_ttl'",
    ),
    Twin(
        tables.expire,
        "users expire",
        edit("tables", USERS, ttl_attribute="expires_at_ttl"),
        USERS,
        "the TTL attribute is 'expires_at_ttl'; expected none",
    ),
    Twin(
        tables.are_recoverable,
        "off in prod",
        edit("tables", USERS, point_in_time_recovery=False),
        USERS,
        "point-in-time recovery is off. Set enable_point_in_time_recovery = true in "
        "environments/prod/prod.tfvars.",
    ),
    Twin(
        tables.are_recoverable,
        "left out in dev",
        edit("tables", URLS, point_in_time_recovery=None),
        URLS,
        "point-in-time recovery is off",
        environment="dev",
    ),
    Twin(
        tables.are_encrypted,
        "off",
        edit("tables", USERS, encrypted=False),
        USERS,
        "server-side encryption is off. Add server_side_encryption { enabled = true }.",
    ),
    Twin(
        tables.are_encrypted,
        "off beside a table of which it is unknown",
        together(edit("tables", encrypted=Unknown()), edit("tables", USERS, encrypted=None)),
        USERS,
        "server-side encryption is off",
    ),
    Twin(
        tables.have_keys,
        "wrong attribute beside an unknown one",
        edit("tables", USERS, attributes={"user_id": Unknown(), "email": "N"}),
        USERS,
        "the attribute types are",
    ),
    Twin(
        tables.have_indexes,
        "wrong projection beside an unknown key",
        edit("tables", USERS, indexes=index(hash_key=Unknown(), projection="KEYS_ONLY")),
        USERS,
        "known only after apply, not set, 'KEYS_ONLY'",
    ),
]

OPEN = [
    Case(tables.have_keys, "name", edit("tables", URLS, name=Unknown())),
    Case(tables.have_keys, "hash key", edit("tables", URLS, hash_key=Unknown())),
    Case(tables.have_keys, "range key", edit("tables", URLS, range_key=Unknown())),
    Case(
        tables.have_keys,
        "attribute type",
        edit("tables", USERS, attributes={"user_id": "S", "email": Unknown()}),
    ),
    Case(tables.have_indexes, "index name", edit("tables", URLS, indexes=index(name=Unknown()))),
    Case(tables.have_indexes, "key", edit("tables", URLS, indexes=index(hash_key=Unknown()))),
    Case(tables.are_billed_on_demand, "mode", edit("tables", URLS, billing_mode=Unknown())),
    Case(tables.have_a_maximum_throughput, "units", edit("tables", URLS, max_read_units=Unknown())),
    Case(
        tables.have_a_maximum_throughput,
        "units of an index",
        edit("tables", URLS, indexes=index(max_write_units=Unknown())),
    ),
    Case(tables.expire, "attribute", edit("tables", URLS, ttl_attribute=Unknown())),
    Case(tables.are_recoverable, "switch", edit("tables", point_in_time_recovery=Unknown())),
    Case(tables.are_encrypted, "switch", edit("tables", USERS, encrypted=Unknown())),
]

HARMLESS = [
    Case(
        tables.have_keys,
        "attributes in another order, and one more",
        edit("tables", USERS, attributes={"email": "S", "plan": "S", "user_id": "S"}),
    ),
    Case(tables.have_keys, "unplanned table", copy("tables", URLS, name="other", address="other")),
    Case(
        tables.have_a_maximum_throughput,
        "another sensible maximum",
        edit("tables", URLS, max_read_units=2000, max_write_units=530),
    ),
    Case(tables.are_encrypted, "customer's own key", edit("tables", kms_key="arn:aws:kms:key/1")),
]
