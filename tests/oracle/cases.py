"""Random policies and requests, from words so few that they often meet."""

from random import Random
from typing import Any

Json = dict[str, Any]

ACCOUNT = "123456789012"
TABLES = f"arn:aws:dynamodb:us-east-1:{ACCOUNT}:table/"
ACTIONS = ["dynamodb:GetItem", "dynamodb:PutItem", "ssm:GetParameter", "s3:GetObject"]
RESOURCES = {
    "dynamodb": [f"{TABLES}users", f"{TABLES}urls", f"{TABLES}users/index/by_mail"],
    "ssm": [f"arn:aws:ssm:us-east-1:{ACCOUNT}:parameter/app/dev/key"],
    "s3": ["arn:aws:s3:::bucket/alice/a.txt", "arn:aws:s3:::bucket/bob/a:b.txt"],
}
ACTION_PATTERNS = [
    *ACTIONS,
    *("*", "dynamodb:*", "dynamodb:Get*", "DYNAMODB:getitem", "s3:Get?bject", "dynamodb:*Item"),
    *("ssm:*", "s3:*", "ssm:GetParameter?", "dynamodb:DeleteItem"),
]
RESOURCE_PATTERNS = [
    *(resource for some in RESOURCES.values() for resource in some),
    *("*", f"{TABLES}*", f"{TABLES}u?ers", f"{TABLES}users/index/*", f"{TABLES}USERS"),
    *(f"arn:aws:dynamodb:*:{ACCOUNT}:table/users", "arn:aws:dynamodb:*:*:*", "arn:aws:s3:::*"),
    *("arn:aws:s3:::bucket/${aws:username}/*", "arn:aws:s3:::bucket/${aws:userId, 'bob'}/*"),
    *("arn:aws:s3:::bucket/a*/${*}.txt", "arn:aws:s3:::*/a*", "arn:aws:ssm:*:*:parameter/app/*"),
    *("arn:aws:s3:::bucket/bob/a*b.txt", "arn:aws:dynamodb", "arn:aws:dynamodb:us-*:*:table/u*"),
    *("arn:aws:dynamodb:*:table/users", "arn:aws:dynamodb:US-EAST-1:*:*", f"{TABLES}*/index/*"),
]
# AWS refuses incomplete ARNs in session policies; one is left to see that we do.
SESSION_PATTERNS = [p for p in RESOURCE_PATTERNS if p != "arn:aws:dynamodb:*:table/users"]
WORDS = ["alice", "bob", "Alice", "al*", "a?ice", "", "${aws:username}", "${aws:none}", "${*}"]
ARNS = [f"{TABLES}users", f"{TABLES}u*", "arn:aws:dynamodb:*:*:*", "arn:aws:*:*:*:table/${a:one}"]
NUMBERS = ["1", "2", "2.0", "10", "-1"]
DATES = ["2026-01-01T00:00:00Z", "2026-06-01", "2026-01-01T01:00:00+01:00", "1767225600"]
ADDRESSES = ["203.0.113.0/24", "203.0.113.7", "2001:db8::/32", "203.0.113.9/24", "2001:db8::1"]
KINDS: dict[str, tuple[list[str], list[str], list[str]]] = {
    "String": (
        ["Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike"],
        WORDS,
        ["alice", "bob", "ALICE", "alan", "", "*"],
    ),
    "Numeric": (
        ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"],
        NUMBERS,
        NUMBERS,
    ),
    "Date": (
        ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"],
        DATES,
        DATES,
    ),
    "Arn": (["Equals", "Like", "NotEquals", "NotLike"], ARNS, [*ARNS[:1], "arn:aws:s3:::x", "no"]),
    "Bool": ([""], ["true", "false"], ["true", "false"]),
    "IpAddress": ([""], ADDRESSES, ["203.0.113.7", "198.51.100.1", "2001:db8::1"]),
    "NotIpAddress": ([""], ADDRESSES, ["203.0.113.7", "198.51.100.1", "2001:db8::1"]),
    "Null": ([""], ["true", "false"], ["x"]),
}
KEYS = {kind: [f"t:{kind}", f"t:{kind}Two"] for kind in KINDS}


def case(random: Random) -> Json:
    """Return policies and one request, in the words of `simulate.mjs`."""
    action = random.choice(ACTIONS)
    return {
        "identity": [policy(random) for _ in range(random.choice([1, 1, 1, 2]))],
        "boundary": policy(random) if random.random() < 0.15 else None,
        "session": policy(random, SESSION_PATTERNS) if random.random() < 0.15 else None,
        "action": action,
        "resource": random.choice(RESOURCES[action.split(":")[0]]),
        "context": context(random),
    }


def policy(random: Random, resources: list[str] = RESOURCE_PATTERNS) -> Json:
    """Return a valid policy document."""
    version = "2012-10-17" if random.random() < 0.97 else "2008-10-17"
    statements = [statement(random, resources) for _ in range(random.choice([1, 2, 3]))]
    return {"Version": version, "Statement": statements}


def statement(random: Random, resources: list[str]) -> Json:
    """Return a valid statement."""
    action = random.choice(["Action"] * 5 + ["NotAction"])
    resource = random.choice(["Resource"] * 5 + ["NotResource"])
    made: Json = {
        "Effect": random.choice(["Allow", "Allow", "Allow", "Deny"]),
        action: _some(random, ACTION_PATTERNS),
        resource: _some(random, resources),
    }
    if random.random() < 0.6:
        made["Condition"] = dict(condition(random) for _ in range(random.choice([1, 1, 2])))
    return made


def condition(random: Random) -> tuple[str, Json]:
    """Return an operator and what it compares."""
    kind = random.choice(list(KINDS))
    endings, values, _ = KINDS[kind]
    operator = kind + random.choice(endings)
    if kind != "Null":
        operator = random.choice(["", "", "", "ForAllValues:", "ForAnyValue:"]) + operator
        operator += random.choice(["", "", "IfExists"])
    return operator, {random.choice(KEYS[kind]): _some(random, values)}


def _some(random: Random, words: list[str]) -> str | list[str]:
    if random.random() < 0.5:
        return random.choice(words)
    return random.sample(words, random.randint(1, 3 if len(words) > 2 else 2))


def context(random: Random) -> Json:
    """Return values of some condition keys."""
    context: Json = {}
    for kind, (_, _, values) in KINDS.items():
        for key in KEYS[kind]:
            if random.random() < 0.6:
                single = random.random() < 0.85
                several = random.sample(values, min(len(values), random.randint(1, 2)))
                context[key] = random.choice(values) if single else several
    if random.random() < 0.7:
        context["aws:UserName"] = random.choice(["alice", "bob"])
    if random.random() < 0.5:
        context["a:one"] = random.choice(["users", "u*"])
    return context
