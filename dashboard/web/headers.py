"""What every answer of the server tells the browser to refuse."""

from tornado.httputil import HTTPHeaders
from tornado.web import OutputTransform

# Panel compiles its components in the page, so this does not stop a script that gets in; it keeps
# what is in the page from being sent elsewhere, and the page out of other sites' frames.
_APPLICATION = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self' blob:; worker-src 'self' blob:; object-src 'none'; base-uri 'self'; "
    "form-action 'self'; frame-ancestors 'none'"
)
_HEADERS = {
    "Content-Security-Policy": _APPLICATION,
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}


class SecurityHeaders(OutputTransform):
    """Adds the headers that a handler has not set more strictly itself."""

    def transform_first_chunk(
        self,
        status_code: int,
        headers: HTTPHeaders,
        chunk: bytes,
        finishing: bool,  # noqa: ARG002  # Tornado's signature
    ) -> tuple[int, HTTPHeaders, bytes]:
        headers.pop("Server", None)
        for name, value in _HEADERS.items():
            headers.setdefault(name, value)
        return status_code, headers, chunk
