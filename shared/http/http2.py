"""HTTP/2 (RFC 9113) for one request at a time over one guarded stream.

Not httpcore's connection, which shares one among threads: it takes an answer without a status for a 200, keeps a
connection whose last answer was not read to its end, and puts no limit on frames that carry nothing.
"""

from __future__ import annotations

import contextlib
import time
from collections import deque
from collections.abc import Iterator
from typing import Any, ClassVar

import h2.config
import h2.connection
import h2.errors
import h2.events
import h2.exceptions
import h2.settings
import httpcore  # noqa: TID251 - the one place

from shared.errors import FetchError
from shared.http.fields import Field, request_fields, response_fields
from shared.http.reasons import FetchReason
from shared.http.stream import GuardedStream
from shared.wording import one_line

READ_BYTES = 64 * 1024
# What may be under way to us without having been read: enough for 10 MiB/s over 100 ms.
WINDOW = 1024 * 1024
# Frames in one answer that bring nothing of it: settings, pings, priorities, empty data. Real answers have a handful.
MOST_IDLE_FRAMES = 1000
# A frame has 16 KiB at the most; h2 would gather up the 16 MiB that one may announce before it objects.
MOST_OF_A_FRAME = 512 * 1024

_Inputs, _States = h2.connection.ConnectionInputs, h2.connection.ConnectionState


class NotTakenError(Exception):
    """The site says of a request that it has not looked at it, and never will on this connection."""


class _StateMachine(h2.connection.H2ConnectionStateMachine):
    """After a GOAWAY, requests before its last stream are still answered (RFC 9113 6.8), which h2 has as an error;
    nginx sends one before the last of a thousand answers.
    """

    _transitions: ClassVar[Any] = {  # type: ignore[misc]  # h2 declares its table of the class on the instance
        **h2.connection.H2ConnectionStateMachine._transitions,  # noqa: SLF001 - there is no other way in
        (_States.CLIENT_OPEN, _Inputs.RECV_GOAWAY): (None, _States.CLIENT_OPEN),
    }


class Http2Connection:
    """A connection on which the site chose ``h2``, used like httpcore's for HTTP/1.1, by one thread at a time."""

    def __init__(self, stream: GuardedStream, *, keep_seconds: float) -> None:
        self._stream = stream
        self._keep_seconds = keep_seconds
        # What comes is checked below: h2 would refuse a whole answer for a stray Connection field.
        self._h2 = h2.connection.H2Connection(h2.config.H2Configuration(validate_inbound_headers=False))
        self._h2.state_machine = _StateMachine()
        # In the order in which they came: an answer that is complete counts, whatever comes after it.
        self._events: deque[h2.events.Event | Exception] = deque()
        self._started = self._closed = self._going_away = False
        self._stream_id = 0
        self._idle_frames = 0
        self._unread = 0
        self._expires: float | None = None

    def handle_request(self, request: httpcore.Request) -> httpcore.Response:
        """Send ``request`` and wait for the header of the answer.

        :raises NotTakenError: when the site has not processed it.
        :raises httpcore.ReadError: when the site hangs up, or resets the request.
        :raises FetchError: ``protocol``, ``headers_too_large`` and what the stream raises.
        """
        self._expires = None
        self._idle_frames = 0
        self._events.clear()
        try:
            self._send(request)
            status, headers, ended = self._header()
        except BaseException:
            self.close()
            raise
        return httpcore.Response(status, headers=headers, content=_Body(self, ended=ended))

    def is_idle(self) -> bool:
        """Whether it can take a request."""
        return self._expires is not None and not self._closed

    def has_expired(self) -> bool:
        """Whether it has been idle for too long, or something has come that nobody asked for, most likely an end."""
        late = self._expires is not None and time.monotonic() > self._expires
        return late or bool(self._stream.get_extra_info("is_readable"))

    def close(self) -> None:
        """Close it as it is."""
        self._closed = True
        self._stream.close()

    def finish(self, *, whole: bool) -> None:
        """The answer's body is done with. Where it was not read to its end the rest is still coming: no reuse."""
        if whole and not self._going_away:
            self._expires = time.monotonic() + self._keep_seconds
        else:
            self.close()

    def next_data(self) -> bytes | None:
        """The next piece of the body, ``None`` at its end.

        :raises httpcore.ReadError: when the site hangs up, or resets the request.
        :raises FetchError: ``protocol`` and what the stream raises.
        """
        while True:
            try:
                event = self._next()
            except NotTakenError as error:
                # Too late to say so: part of the answer is here.
                raise httpcore.ReadError(f"({error})") from None
            if isinstance(event, h2.events.DataReceived):
                # Padding and empty frames cost the window too.
                if event.flow_controlled_length:
                    self._h2.acknowledge_received_data(event.flow_controlled_length, self._stream_id)
                if event.data:
                    return event.data
                self._count_idle()
            elif isinstance(event, h2.events.StreamEnded):
                return None

    def _send(self, request: httpcore.Request) -> None:
        if not self._started:
            self._started = True
            self._open()
        body = b"".join(request.stream)  # type: ignore[arg-type]  # httpcore's type covers its async half too
        try:
            self._stream_id = self._h2.get_next_available_stream_id()
            self._h2.send_headers(self._stream_id, request_fields(request), end_stream=not body)
        except h2.exceptions.ProtocolError as error:
            # Stream numbers used up, or a site that allows no streams.
            raise NotTakenError(_words(error)) from None
        self._flush()
        while body:
            room = min(self._h2.local_flow_control_window(self._stream_id), self._h2.max_outbound_frame_size)
            if room <= 0:
                self._receive()
                continue
            self._h2.send_data(self._stream_id, body[:room], end_stream=len(body) <= room)
            body = body[room:]
            self._flush()

    def _open(self) -> None:
        codes = h2.settings.SettingCodes
        wanted = {codes.ENABLE_PUSH: 0, codes.INITIAL_WINDOW_SIZE: WINDOW, codes.MAX_HEADER_LIST_SIZE: 65_536}
        settings = h2.settings.Settings(client=True, initial_values=wanted)
        # Yahoo's servers hang up when they meet it (httpcore leaves it out too).
        del settings[codes.ENABLE_CONNECT_PROTOCOL]
        self._h2.local_settings = settings
        self._h2.initiate_connection()
        self._h2.increment_flow_control_window(WINDOW)

    def _header(self) -> tuple[int, list[Field], bool]:
        while True:
            event = self._next()
            if isinstance(event, h2.events.ResponseReceived):
                try:
                    return (*response_fields(event.headers), event.stream_ended is not None)
                except ValueError as error:
                    raise self._is_no_http2(str(error)) from None

    def _next(self) -> h2.events.Event:
        """The next event of the current request."""
        while not self._events:
            self._receive()
        event = self._events.popleft()
        if isinstance(event, Exception):
            raise event
        return event

    def _receive(self) -> None:
        data = self._stream.read(READ_BYTES)
        if not data:
            raise httpcore.ReadError("")
        try:
            events = self._h2.receive_data(data)
        except h2.exceptions.DenialOfServiceError:
            message = f"{self._stream.exchange.url} sends more header than fits"
            raise self._stream.exchange.fails(FetchReason.HEADERS_TOO_LARGE, message) from None
        except h2.exceptions.InvalidBodyLengthError as error:
            if error.actual_length < error.expected_length:
                raise httpcore.ReadError("") from None
            raise self._is_no_http2("more content than announced") from None
        except (h2.exceptions.ProtocolError, ValueError, LookupError) as error:
            raise self._is_no_http2(_words(error)) from None
        self._unread = 0 if events else self._unread + len(data)
        if self._unread > MOST_OF_A_FRAME:
            raise self._is_no_http2("a frame larger than allowed")
        for event in events:
            self._sort(event)
        self._flush()

    def _sort(self, event: h2.events.Event) -> None:
        wanted = (h2.events.ResponseReceived, h2.events.DataReceived, h2.events.StreamEnded)
        if isinstance(event, wanted) and event.stream_id == self._stream_id:
            self._events.append(event)
            return
        self._count_idle()
        if isinstance(event, h2.events.StreamReset) and event.stream_id == self._stream_id:
            if event.error_code == h2.errors.ErrorCodes.REFUSED_STREAM:
                self._events.append(NotTakenError("refused stream"))
            self._events.append(httpcore.ReadError(f"({_code(event.error_code)})"))
        elif isinstance(event, h2.events.ConnectionTerminated):
            self._going_away = True
            if (event.last_stream_id or 0) < self._stream_id:
                self._events.append(NotTakenError(_code(event.error_code)))
            elif event.error_code != h2.errors.ErrorCodes.NO_ERROR:
                self._events.append(httpcore.ReadError(f"({_code(event.error_code)})"))

    def _count_idle(self) -> None:
        self._idle_frames += 1
        if self._idle_frames > MOST_IDLE_FRAMES:
            raise self._is_no_http2("frames without end that carry nothing")

    def _flush(self) -> None:
        waiting = self._h2.data_to_send()
        if waiting:
            # Who has closed already may have answered before: reading tells.
            with contextlib.suppress(httpcore.WriteError):
                self._stream.write(waiting)

    def _is_no_http2(self, what: str) -> FetchError:
        exchange = self._stream.exchange
        return exchange.fails(FetchReason.PROTOCOL, f"{exchange.url} does not speak HTTP/2: {what}")


class _Body:
    """The pieces of an answer's body, as they come."""

    def __init__(self, connection: Http2Connection, *, ended: bool) -> None:
        self._connection = connection
        self._ended = ended
        self._closed = False

    def __iter__(self) -> Iterator[bytes]:
        while not self._ended:
            piece = self._connection.next_data()
            if piece is None:
                self._ended = True
            else:
                yield piece

    def close(self) -> None:
        if not self._closed:
            self._closed = True
            self._connection.finish(whole=self._ended)


def _code(code: object) -> str:
    return str(getattr(code, "name", code)).lower().replace("_", " ")


def _words(error: Exception) -> str:
    return one_line(error).lower()
