"""Every error of the product, drawn as one tree.

    StenografError
    |-- AudioError             the recording cannot be used
    |   |-- AudioNotFoundError, AudioUnreadableError, NotAFileError, EmptyAudioError
    |   |-- NotAudioError, NoSoundError, TruncatedAudioError, AudioTooLongError
    |   |-- TooManyChannelsError, VoiceUnclearError
    |   `-- UndecodableAudioError
    |       `-- DecoderDiedError
    |-- ModelError             weights are missing or wrong
    |   |-- ModelMissingError, ModelInvalidError, ModelUnknownError
    |   |-- OfflineError
    |   |-- DownloadError      the network or the other side failed
    |   |   `-- NoConnectionError, HashMismatchError, RepositoryMissingError
    |   `-- AccessError        the hub does not let us in
    |       |-- TokenMissingError, TokenMalformedError, TokenInvalidError
    |       `-- TermsNotAcceptedError, TokenWithoutGatedRightError
    |-- EngineError            a model runtime failed
    |   |-- EngineUnavailableError, EngineFailedError, UnsupportedError
    |   `-- EngineCrashedError, EngineOutOfMemoryError, EngineHungError
    |-- OptionError            the request contradicts itself
    |   `-- HomeUnknownError
    |-- DocumentError          a stored file of ours cannot be read
    |   `-- DocumentInvalidError, DocumentTooNewError
    |-- OutputError            a result cannot be written
    |   `-- DiskFullError
    |-- LibraryError           what is kept cannot be found or changed
    |   |-- RecordingNotFoundError, TranscriptNotFoundError, BlobMissingError, ConflictError
    |   |-- KeyNotFoundError, WebhookNotFoundError, DeliveryNotFoundError
    |   |-- UploadNotFoundError, UploadInvalidError, VoiceNotFoundError, MinutesNotFoundError
    |   `-- DatabaseBusyError, DatabaseFailedError, DatabaseTooNewError
    |-- JobError               work that outlives a request
    |   `-- JobNotFoundError, QueueFullError, LeaseLostError, WorkerLostError
    |-- RequestError           a request over HTTP cannot be served
    |   |-- InvalidRequestError, RequestTooLargeError, RouteNotFoundError
    |   |-- UnauthenticatedError, ForbiddenError
    |   `-- BusyError, NotReadyError, ServerUnreachableError
    |-- AddressError           a URL that somebody gave cannot be used
    |   `-- AddressInvalidError, AddressForbiddenError, AddressUnreachableError
    |-- LanguageModelError     a language model that writes minutes failed
    |   `-- LanguageModelMissingError, LanguageModelUnreachableError,
    |       LanguageModelRefusedError, LanguageModelAnswerError
    |-- EvaluationError        a reference and a result cannot be compared
    `-- CancelledError         somebody asked to stop

A message is a template over keyword details, so that a door can translate it and a program can
read the numbers. Codes are stable: the CLI prints them, HTTP maps them, docs/errors.md lists them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar


class StenografError(Exception):
    """Base of everything the product raises on purpose.

    >>> error = AudioNotFoundError("There is no file {path}.", path="call.mp3")
    >>> str(error), error.code
    ('There is no file call.mp3.', 'audio.not_found')
    """

    code: ClassVar[str] = "internal"
    hint: str = "Please report this with the command you ran and its output."

    def __init__(self, message: str, *, hint: str | None = None, **details: Any) -> None:
        super().__init__(message)
        self.message = message
        self.details = details
        if hint is not None:
            self.hint = hint

    def __str__(self) -> str:
        return self.message.format_map(self.details)

    def __reduce__(self) -> tuple[Any, ...]:
        """Errors cross process borders whole, keyword details included."""
        return _rebuild, (type(self), self.message, self.hint, self.details)

    @property
    def advice(self) -> str:
        """The hint with its details filled in."""
        return self.hint.format_map(self.details)


def _rebuild(
    kind: type[StenografError], message: str, hint: str, details: dict[str, Any]
) -> StenografError:
    return kind(message, hint=hint, **details)


class AudioError(StenografError):
    """The recording cannot be used."""

    code = "audio"
    hint = "Check the recording in a media player, or convert it to WAV or FLAC."


class AudioNotFoundError(AudioError):
    """No such file."""

    code = "audio.not_found"
    hint = "Check the path; quote it if it contains spaces."


class AudioUnreadableError(AudioError):
    """The operating system refuses to read it."""

    code = "audio.unreadable"
    hint = "Check that this user may read the file, and that no other program locks it."


class NotAFileError(AudioError):
    """A directory or a device was given where a recording is needed."""

    code = "audio.not_a_file"
    hint = "Give the recordings themselves, for example FOLDER/*.mp3."


class EmptyAudioError(AudioError):
    """Nothing to decode: zero bytes, or a header with no sound behind it."""

    code = "audio.empty"
    hint = "The recording or its upload was probably interrupted; get the file again."


class NotAudioError(AudioError):
    """The bytes are no media container, whatever the name says."""

    code = "audio.not_audio"
    hint = "The name may lie about the content; find the original recording."


class VoiceUnclearError(AudioError):
    """Too little of one person is heard to know their voice again."""

    code = "audio.voice_unclear"
    hint = "Take a clip in which only this person speaks, for ten seconds or more."


class NoSoundError(AudioError):
    """A media file without a sound track."""

    code = "audio.no_sound"
    hint = "Export the video again with its sound, or give the separate sound file."


class UndecodableAudioError(AudioError):
    """A media file whose sound cannot be decoded."""

    code = "audio.undecodable"
    hint = "Convert the file to WAV or FLAC and try again."


class DecoderDiedError(UndecodableAudioError):
    """The process that decoded the recording crashed or hung; how is in the details."""

    code = "audio.decoder_died"


class TruncatedAudioError(AudioError):
    """Only a part of the recording could be decoded, and the caller asked to be strict."""

    code = "audio.truncated"
    hint = "Get the file again, or leave out --strict to keep what can be decoded."


class AudioTooLongError(AudioError):
    """The recording is longer than the limit."""

    code = "audio.too_long"
    hint = "Split the recording, or raise the limit."


class TooManyChannelsError(AudioError):
    """The recording has more channels than the limit."""

    code = "audio.too_many_channels"
    hint = "Mix the recording down to fewer channels, or raise the limit."


class ModelError(StenografError):
    """Weights are missing or wrong."""

    code = "model"
    hint = "Choose another model, or install this one."


class ModelMissingError(ModelError):
    """The model is not on this machine."""

    code = "model.missing"
    hint = "Connect to the internet once, or copy the model from another machine."


class ModelInvalidError(ModelError):
    """The weights are damaged, incomplete or of another kind."""

    code = "model.invalid"
    hint = "Remove the file and install the model again."


class ModelUnknownError(ModelError):
    """Nobody here knows a model by this name."""

    code = "model.unknown"
    hint = "Check the name, or give the path of a folder with the model."


class OfflineError(ModelError):
    """The network is needed, and it was forbidden."""

    code = "model.offline"
    hint = "Leave out --offline once so that the model can be downloaded."


class DownloadError(ModelError):
    """The model could not be brought here."""

    code = "model.download"
    hint = "Check the connection and the proxy settings, then try again."


class NoConnectionError(DownloadError):
    """The other side cannot be reached at all."""

    code = "model.no_connection"
    hint = (
        "Check the connection, the proxy settings and HF_ENDPOINT. By hand: bring {bring} and run "
        "stenograf models import PATH --as {name}. Or on a machine with internet run stenograf "
        "models pull {name} and stenograf models export {name} model.tar, and here stenograf "
        "models import model.tar."
    )


class HashMismatchError(DownloadError):
    """What arrived is not what was published."""

    code = "model.hash_mismatch"
    hint = "Try again; if it stays, a proxy or a mirror changes files: use another network."


class RepositoryMissingError(DownloadError):
    """The hub knows no such repository, revision or file."""

    code = "model.repository_missing"
    hint = "Check the name at {page}; a private repository needs the token of somebody who sees it."


class AccessError(ModelError):
    """The hub does not let us in."""

    code = "model.access"
    hint = "See {page}"


class TokenMissingError(AccessError):
    """A gated model, and no token."""

    code = "model.token_missing"
    hint = (
        "Accept the terms at {page}, create a Read token at {tokens_page}, then set HF_TOKEN or "
        "give --token."
    )


class TokenMalformedError(AccessError):
    """The text cannot be a token."""

    code = "model.token_malformed"
    hint = "Copy the token again from {tokens_page}, without quotes and spaces."


class TokenInvalidError(AccessError):
    """The hub does not know the token, or it has expired."""

    code = "model.token_invalid"
    hint = "Create a new Read token at {tokens_page} and put it where the old one is."


class TermsNotAcceptedError(AccessError):
    """The token is good, but its owner may not have this model yet."""

    code = "model.terms_not_accepted"
    hint = "Open {page} with the account that owns the token and accept the terms there."


class TokenWithoutGatedRightError(AccessError):
    """A fine-grained token that may not read gated repositories."""

    code = "model.token_without_gated_right"
    hint = (
        "At {tokens_page} edit the token and allow read access to public gated repositories, or "
        "use a token of type Read; it is needed for {page}"
    )


class EngineError(StenografError):
    """A model runtime failed."""

    code = "engine"
    hint = "Try another engine."


class EngineUnavailableError(EngineError):
    """The engine's package is not installed, or the engine's name is unknown."""

    code = "engine.unavailable"
    hint = "Install the extra that carries it, or choose another engine."


class EngineFailedError(EngineError):
    """The runtime gave up on this input."""

    code = "engine.failed"


class UnsupportedError(EngineError):
    """The engine is asked for something it declares it cannot do."""

    code = "engine.unsupported"
    hint = "Choose an engine or a model that can do this."


class EngineCrashedError(EngineError):
    """The process that ran the engine died; its last words are in the details as `output`."""

    code = "engine.crashed"
    hint = (
        "Try again; if it stays, another engine or model may work, and the model's files may be "
        "damaged (see stenograf models verify)."
    )


class EngineOutOfMemoryError(EngineError):
    """The machine's or the GPU's memory did not suffice."""

    code = "engine.out_of_memory"
    hint = "Close other programs, or choose a smaller model, --batch-size 1 or --compute-type int8."


class EngineHungError(EngineError):
    """The process that ran the engine showed no life and was stopped."""

    code = "engine.hung"
    hint = "Try again; where the machine is only slow, set STENOGRAF_HANG_S to more seconds."


class OptionError(StenografError):
    """The request contradicts itself or is out of range."""

    code = "option.invalid"
    hint = "See --help for what is allowed."


class HomeUnknownError(OptionError):
    """A folder of this user is needed, and nobody knows where it lies."""

    code = "option.home_unknown"
    hint = (
        "Set HOME to a folder that this user may write to, or STENOGRAF_MODELS_DIR and "
        "STENOGRAF_DATA_DIR."
    )


class DocumentError(StenografError):
    """A file that Stenograf should have written cannot be read."""

    code = "document"
    hint = "Give a .json file that Stenograf wrote."


class DocumentInvalidError(DocumentError):
    """Not a transcript, or one that somebody broke."""

    code = "document.invalid"


class DocumentTooNewError(DocumentError):
    """Written by a newer version than this one."""

    code = "document.too_new"
    hint = "Update Stenograf, then open the document again."


class OutputError(StenografError):
    """A result cannot be written."""

    code = "output"
    hint = "Check the folder and its permissions, or choose another with -o."


class DiskFullError(OutputError):
    """No room left on the device."""

    code = "output.disk_full"
    hint = "Free some space, or set TMPDIR to a larger disk."


class LibraryError(StenografError):
    """What is kept cannot be found or changed."""

    code = "library"
    hint = "Check that the data folder is on a healthy disk and belongs to this user."


class RecordingNotFoundError(LibraryError):
    """No recording has this id."""

    code = "library.recording_not_found"
    hint = "It may have been deleted; list what is there."


class TranscriptNotFoundError(LibraryError):
    """The recording has no transcript, or not this version."""

    code = "library.transcript_not_found"
    hint = "Start a job for the recording, or wait until its job is done."


class BlobMissingError(LibraryError):
    """The database knows the recording, but its sound is gone."""

    code = "library.blob_missing"
    hint = "Restore the data folder from a backup, or upload the recording again."


class ConflictError(LibraryError):
    """Somebody else changed it in the meantime."""

    code = "library.conflict"
    hint = "Load it again, then repeat the change."


class KeyNotFoundError(LibraryError):
    """No key has this id."""

    code = "library.key_not_found"
    hint = "List the keys: stenograf keys list."


class WebhookNotFoundError(LibraryError):
    """No webhook has this id."""

    code = "library.webhook_not_found"
    hint = "It may have been deleted; list what is there."


class DeliveryNotFoundError(LibraryError):
    """No delivery of a webhook has this id."""

    code = "library.delivery_not_found"
    hint = "Deliveries are kept for a month, and go with their webhook."


class UploadNotFoundError(LibraryError):
    """No upload in parts has this id."""

    code = "library.upload_not_found"
    hint = "It was finished, or idle for too long; begin the upload again."


class UploadInvalidError(LibraryError):
    """What arrived is not what was announced."""

    code = "library.upload_invalid"
    hint = "The file changed, or something on the way did that; begin the upload again."


class VoiceNotFoundError(LibraryError):
    """No enrolled voice, or no source of it, has this id."""

    code = "library.voice_not_found"
    hint = "It may have been deleted; list what is there."


class MinutesNotFoundError(LibraryError):
    """No language model wrote minutes of that recording."""

    code = "library.minutes_not_found"
    hint = "Submit minutes for the recording, or ask for the method extractive."


class DatabaseBusyError(LibraryError):
    """Another process held the database for too long."""

    code = "library.busy"
    hint = "Try again; if it stays, look for a backup or another program that reads the database."


class DatabaseFailedError(LibraryError):
    """The database cannot be read or written."""

    code = "library.database"


class DatabaseTooNewError(LibraryError):
    """A newer version has changed the database; this one would damage it."""

    code = "library.too_new"
    hint = "Update Stenograf, or restore the data folder from a backup made before the update."


class JobError(StenografError):
    """Work that outlives a request went wrong."""

    code = "job"


class JobNotFoundError(JobError):
    """No job has this id."""

    code = "job.not_found"
    hint = "It may have been deleted together with its recording."


class QueueFullError(JobError):
    """Too many jobs wait already."""

    code = "job.queue_full"
    hint = "Wait until some jobs are done, then try again."


class LeaseLostError(JobError):
    """Another worker has the job, because this one was silent for too long."""

    code = "job.lease_lost"
    hint = "Nothing needs to be done: the other worker continues."


class WorkerLostError(JobError):
    """The worker died while it had the job."""

    code = "job.worker_lost"
    hint = (
        "The recording or its model makes the worker crash, often for want of memory: try a "
        "smaller model or another engine."
    )


class RequestError(StenografError):
    """A request over HTTP cannot be served."""

    code = "request"
    hint = "The page /docs of the server describes every request."


class InvalidRequestError(RequestError):
    """A field is missing, has a wrong value or does not belong here."""

    code = "request.invalid"


class RequestTooLargeError(RequestError):
    """The body is larger than this server takes."""

    code = "request.too_large"
    hint = "Send a compressed recording, for example MP3 or Opus, or raise the server's limit."


class RouteNotFoundError(RequestError):
    """There is nothing at this address, or not for this method."""

    code = "request.no_such_route"


class UnauthenticatedError(RequestError):
    """No token came with the request, or one that nobody here knows."""

    code = "request.unauthenticated"
    hint = "Send the header Authorization: Bearer TOKEN with a token of this server."


class ForbiddenError(RequestError):
    """The token is good, but not for this."""

    code = "request.forbidden"
    hint = "Use a key whose scopes allow it; an administrator makes one: stenograf keys create."


class BusyError(RequestError):
    """The server has all the work it may take on."""

    code = "request.busy"
    hint = "Try again after the time that the header Retry-After says."


class NotReadyError(RequestError):
    """The server is starting, or no worker is alive."""

    code = "request.not_ready"
    hint = "Try again in a few seconds; if it stays, look into the server's log."


class AddressError(StenografError):
    """A URL that somebody gave cannot be used."""

    code = "address"
    hint = "Give the address of a server that this one can reach."


class AddressInvalidError(AddressError):
    """No URL that a request could go to."""

    code = "address.invalid"
    hint = "Give a whole address, for example https://example.org/hooks/stenograf."


class AddressForbiddenError(AddressError):
    """The address lies where requests of users must not lead."""

    code = "address.forbidden"
    hint = "For servers of your own network set STENOGRAF_ALLOW_PRIVATE_NETWORKS=true."


class AddressUnreachableError(AddressError):
    """The other side does not answer, or not as HTTP."""

    code = "address.unreachable"
    hint = "Check the address, and that the other server runs."


class ServerUnreachableError(RequestError):
    """A client finds no server, or the connection breaks."""

    code = "request.unreachable"
    hint = "Check the address and that `stenograf serve` runs there."


class LanguageModelError(StenografError):
    """A language model that writes minutes failed."""

    code = "language_model"
    hint = "Ask for the method extractive, which needs no language model."


class LanguageModelMissingError(LanguageModelError):
    """Minutes by a language model were asked for, and none was named."""

    code = "language_model.missing"
    hint = (
        "Set STENOGRAF_LLM_URL and STENOGRAF_LLM_MODEL, or ask for the method extractive, which "
        "needs no language model."
    )


class LanguageModelUnreachableError(LanguageModelError):
    """Nobody answers at its address, or not in time; trying again may help."""

    code = "language_model.unreachable"
    hint = (
        "Check that the server of the language model runs and that its address is right; a slow "
        "one may need a larger STENOGRAF_LLM_TIMEOUT_S."
    )


class LanguageModelRefusedError(LanguageModelError):
    """Its server does not let us in, or knows no such model."""

    code = "language_model.refused"
    hint = "Check the name of the model, and STENOGRAF_LLM_KEY if its server asks for a key."


class LanguageModelAnswerError(LanguageModelError):
    """What it answered is no minutes, however often it was asked."""

    code = "language_model.answer"
    hint = "Take a larger model, or ask for the method extractive."


class EvaluationError(StenografError):
    """A reference and a result cannot be compared."""

    code = "evaluate"
    hint = "Both files must describe the same recording, in the format their names promise."


class CancelledError(StenografError):
    """Somebody asked to stop."""

    code = "cancelled"
    hint = "Run it again to start over."


def error_from(said: Mapping[str, Any]) -> StenografError:
    """The error that code, message and hint tell of, as the class the code belongs to.

    It came from another process, so its texts are no templates any more.

    >>> str(error_from({"code": "audio.empty", "message": "No {sound}."}))
    'No {sound}.'
    """
    code = str(said.get("code"))
    kind = next((kind for kind in error_types() if kind.code == code), StenografError)
    message, hint = str(said.get("message", "")), str(said.get("hint") or "")
    return kind("{said}", hint="{advice}", said=message, advice=hint)


def error_types() -> Iterator[type[StenografError]]:
    """Every class of the tree, parents before children.

    >>> [kind.code for kind in error_types()][0]
    'internal'
    """
    pending: list[type[StenografError]] = [StenografError]
    while pending:
        kind = pending.pop(0)
        yield kind
        pending = kind.__subclasses__() + pending
