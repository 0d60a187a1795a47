"""What anybody may ask of the backend, and what it answers."""

EXPECTED = {
    "/": 200,
    "/config.json": 200,
    "/health": 200,
    "/started": 200,
    "/ready": 200,
    "/api/me/trial": 401,
    "/api/links": 401,
    "/no-such-link": 404,
}
"""The status of GET by path; none of these changes anything."""
