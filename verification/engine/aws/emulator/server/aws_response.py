"""Answers, and errors in the format of the caller's protocol."""

import json
import re
from dataclasses import dataclass
from xml.sax.saxutils import escape

Headers = list[tuple[str, str]]

NOT_IMPLEMENTED = "NotImplemented"
_REQUEST_ID = "embedded-aws"
_CODE = re.compile(rb'"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"|<Code>([^<]+)</Code>')
_MESSAGE = re.compile(rb"<Message>(.*?)</Message>", re.DOTALL)
_XML = {
    "s3": "<Error>{error}<RequestId>{id}</RequestId></Error>",
    "query": "<ErrorResponse><Error><Type>{side}</Type>{error}</Error>"
    "<RequestId>{id}</RequestId></ErrorResponse>",
    "ec2": "<Response><Errors><Error>{error}</Error></Errors>"
    "<RequestID>{id}</RequestID></Response>",
}
# The JSON services' codes for denials that moto's IAM writes in the query protocol.
_JSON_CODE = {
    "AccessDenied": "AccessDeniedException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "SignatureDoesNotMatch": "InvalidSignatureException",
}


@dataclass(frozen=True)
class Response:
    """A complete HTTP answer; if it is `lost`, the connection is closed instead."""

    status: int
    headers: Headers
    body: bytes
    lost: bool = False

    @property
    def error(self) -> str | None:
        """The AWS error code, the status if an error has no code, or None for a success."""
        if self.status < 400:
            return None
        named = {name.lower(): value for name, value in self.headers}.get("x-amzn-errortype")
        if named:
            return named.split(":")[0].rsplit("#", 1)[-1]
        found = _CODE.search(self.body)
        return (found[1] or found[2]).decode() if found else str(self.status)


def error(protocol: str, status: int, code: str, message: str) -> Response:
    """Return an error that an SDK parses as this code and message."""
    headers = [("x-amzn-RequestId", _REQUEST_ID), ("x-amzn-ErrorType", code)]
    if protocol in _XML:
        text = f"<Code>{escape(code)}</Code><Message>{escape(message)}</Message>"
        side = "Sender" if status < 500 else "Receiver"
        xml = _XML[protocol].format(error=text, id=_REQUEST_ID, side=side)
        return Response(status, [("Content-Type", "text/xml"), *headers], xml.encode())
    if protocol == "cbor":
        typed = [("Content-Type", "application/cbor"), ("smithy-protocol", "rpc-v2-cbor")]
        return Response(status, typed + headers, _cbor({"__type": code, "message": message}))
    text = json.dumps({"__type": code, "message": message, "Message": message})
    typed = [("Content-Type", "application/x-amz-json-1.0")]
    return Response(status, typed + headers, text.encode())


def refusal_in_json(response: Response) -> Response:
    """Return a JSON error for a denial that moto wrote in XML.

    moto 5.2.5 answers every service with IAM's XML and 403, so SDKs of JSON services see the code
    "403"; AWS answers JSON services with 400 and their own code.
    """
    found = _CODE.search(response.body)
    if response.status not in (401, 403) or found is None or not found[2]:
        return response
    code, message = found[2].decode(), _MESSAGE.search(response.body)
    return error("json", 400, _JSON_CODE.get(code, code), message[1].decode() if message else code)


def _cbor(texts: dict[str, str]) -> bytes:
    """Encode a map of at most 23 strings (RFC 8949)."""
    words = [word for pair in texts.items() for word in pair]
    return bytes([0xA0 | len(texts)]) + b"".join(map(_cbor_text, words))


def _cbor_text(word: str) -> bytes:
    data = word.encode()
    return b"\x79" + len(data).to_bytes(2, "big") + data
