"""Which HTTP status each error of the product becomes."""

from __future__ import annotations

from typing import Final

from stenograf.core.errors import (
    AddressError,
    AddressForbiddenError,
    AddressInvalidError,
    AudioError,
    AudioNotFoundError,
    AudioTooLongError,
    AudioUnreadableError,
    BlobMissingError,
    BusyError,
    CancelledError,
    ConflictError,
    DatabaseBusyError,
    DeliveryNotFoundError,
    DiskFullError,
    DocumentError,
    DownloadError,
    EmptyAudioError,
    EngineOutOfMemoryError,
    EngineUnavailableError,
    EvaluationError,
    ForbiddenError,
    InvalidRequestError,
    JobNotFoundError,
    KeyNotFoundError,
    LeaseLostError,
    ModelError,
    ModelUnknownError,
    NoSoundError,
    NotAudioError,
    NotReadyError,
    OptionError,
    QueueFullError,
    RecordingNotFoundError,
    RequestTooLargeError,
    RouteNotFoundError,
    ServerUnreachableError,
    StenografError,
    TranscriptNotFoundError,
    UnauthenticatedError,
    UndecodableAudioError,
    UnsupportedError,
    UploadNotFoundError,
    VoiceNotFoundError,
    WebhookNotFoundError,
)

HTTP_STATUS: Final[dict[type[StenografError], int]] = {
    AudioNotFoundError: 404,
    AudioUnreadableError: 403,
    AudioTooLongError: 413,
    EmptyAudioError: 400,
    NotAudioError: 415,
    NoSoundError: 415,
    UndecodableAudioError: 415,
    AudioError: 422,
    ModelUnknownError: 404,
    DownloadError: 502,
    ModelError: 503,
    EngineUnavailableError: 503,
    UnsupportedError: 422,
    OptionError: 422,
    DocumentError: 422,
    DiskFullError: 507,
    RecordingNotFoundError: 404,
    TranscriptNotFoundError: 404,
    BlobMissingError: 410,
    ConflictError: 409,
    JobNotFoundError: 404,
    QueueFullError: 429,
    LeaseLostError: 409,
    InvalidRequestError: 400,
    RequestTooLargeError: 413,
    RouteNotFoundError: 404,
    UnauthenticatedError: 401,
    ForbiddenError: 403,
    BusyError: 429,
    ServerUnreachableError: 502,
    NotReadyError: 503,
    AddressInvalidError: 400,
    AddressForbiddenError: 403,
    AddressError: 502,
    WebhookNotFoundError: 404,
    DeliveryNotFoundError: 404,
    UploadNotFoundError: 404,
    VoiceNotFoundError: 404,
    KeyNotFoundError: 404,
    DatabaseBusyError: 503,
    EngineOutOfMemoryError: 503,
    EvaluationError: 422,
    CancelledError: 409,
}
"""The first class that fits decides, else 500."""


def http_status(kind: type[StenografError]) -> int:
    """The status of the first class in the table that this one is.

    >>> http_status(DiskFullError), http_status(StenografError)
    (507, 500)
    """
    return next((code for base, code in HTTP_STATUS.items() if issubclass(kind, base)), 500)
