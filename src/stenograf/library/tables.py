"""Every table of the database, as SQLAlchemy Core describes it.

Times are seconds since 1970 UTC, as float: they compare, and every database has them. Ids are 32
hexadecimal digits. What a row means is said by the dataclass that reads it.
"""

from __future__ import annotations

from typing import Any, Final

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
)

metadata: Final = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _id() -> Column[str]:
    return Column("id", String(32), primary_key=True)


def _belongs(name: str, target: str, **more: Any) -> Column[str]:
    """A reference whose row goes when the row it refers to is deleted."""
    return Column(name, String(32), ForeignKey(f"{target}.id", ondelete="CASCADE"), **more)


def _at(name: str, *, nullable: bool = False) -> Column[float]:
    return Column(name, Float(53), nullable=nullable)


keys: Final = Table(
    "keys",
    metadata,
    _id(),
    Column("name", String(200), nullable=False),
    Column("prefix", String(16), nullable=False),  # what a person recognizes a key by
    Column("token_sha256", String(64), nullable=False, unique=True),
    Column("scopes", JSON, nullable=False),
    _at("created_at"),
    _at("last_used_at", nullable=True),
    _at("revoked_at", nullable=True),
)

recordings: Final = Table(
    "recordings",
    metadata,
    _id(),
    Column("name", String(255), nullable=False),  # what people call it; never a path
    Column("content_type", String(100), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("sha256", String(64), nullable=False),
    Column("duration_s", Float(53)),
    Column("blob", String(200), nullable=False),
    Column("key_id", String(32)),
    _at("created_at"),
    Column("name_folded", Text, nullable=False, server_default=""),  # the name as it is searched
    _at("keep_until", nullable=True),  # of a recording that nobody will ask for by its id
    Index(None, "created_at"),
)

transcripts: Final = Table(
    "transcripts",
    metadata,
    _id(),
    _belongs("recording_id", "recordings", nullable=False),
    Column("version", Integer, nullable=False),  # 1, 2, ... within a recording
    Column("document", Text, nullable=False),  # as export.json writes it
    Column("evidence", LargeBinary),  # as export.evidence writes it
    Column("made_by", String(20), nullable=False),
    Column("job_id", String(32)),
    Column("note", Text),
    _at("created_at"),
    UniqueConstraint("recording_id", "version"),
    UniqueConstraint("job_id"),  # a job is recorded once, whatever happened on the way
)

minutes: Final = Table(
    "minutes",
    metadata,
    _id(),
    _belongs("recording_id", "recordings", nullable=False),
    Column("version", Integer, nullable=False),  # of the transcript that they were made from
    Column("document", Text, nullable=False),  # as minutes.json writes it
    Column("method", String(20), nullable=False),
    Column("model", Text),
    Column("job_id", String(32)),
    Column("key_id", String(32)),
    _at("created_at"),
    UniqueConstraint("job_id"),  # a job is recorded once, whatever happened on the way
    Index(None, "recording_id", "created_at"),
)

passages: Final = Table(
    "passages",  # utterances of the newest versions, for search
    metadata,
    Column("id", Integer, primary_key=True),
    _belongs("recording_id", "recordings", nullable=False),
    Column("version", Integer, nullable=False),
    Column("start_s", Float(53), nullable=False),
    Column("end_s", Float(53), nullable=False),
    Column("speaker", Text),
    Column("speaker_label", Text),
    Column("text", Text, nullable=False),
    Column("stems", Text, nullable=False),  # what the full-text index is made of
    Index(None, "recording_id"),
)

jobs: Final = Table(
    "jobs",
    metadata,
    _id(),
    Column("kind", String(40), nullable=False),
    _belongs("recording_id", "recordings"),
    Column("options", JSON, nullable=False),
    Column("status", String(20), nullable=False),
    Column("priority", Integer, nullable=False),  # higher first
    Column("attempt", Integer, nullable=False),  # how often it was begun
    Column("max_attempts", Integer, nullable=False),
    _at("run_after"),
    Column("worker", String(100)),
    _at("lease_until", nullable=True),
    Column("fence", Integer, nullable=False),  # grows with each lease; an older one cannot write
    Column("cancel_requested", Boolean, nullable=False),
    Column("stage", String(40)),
    Column("fraction", Float),
    Column("error", JSON),
    Column("result", JSON),
    Column("key_id", String(32)),
    Column("request_id", String(64)),
    _at("created_at"),
    _at("started_at", nullable=True),
    _at("finished_at", nullable=True),
    Index(None, "status", "priority", "run_after"),
    Index(None, "recording_id"),
)

job_events: Final = Table(
    "job_events",
    metadata,
    _belongs("job_id", "jobs", primary_key=True),
    Column("seq", Integer, primary_key=True),  # 1, 2, ... within a job
    Column("kind", String(40), nullable=False),
    Column("data", JSON, nullable=False),
    _at("at"),
)

checkpoints: Final = Table(
    "checkpoints",
    metadata,
    _belongs("job_id", "jobs", primary_key=True),
    Column("name", String(100), primary_key=True),
    Column("data", LargeBinary, nullable=False),
    _at("at"),
)

uploads: Final = Table(
    "uploads",
    metadata,
    _id(),
    Column("name", String(255), nullable=False),
    Column("content_type", String(100), nullable=False),
    Column("size_bytes", BigInteger, nullable=False),
    Column("received_bytes", BigInteger, nullable=False),
    Column("key_id", String(32)),
    _at("created_at"),
    _at("touched_at"),
)

webhooks: Final = Table(
    "webhooks",
    metadata,
    _id(),
    Column("url", Text, nullable=False),
    Column("secret", Text, nullable=False),  # signs deliveries, so it cannot be stored hashed
    Column("events", JSON, nullable=False),
    Column("key_id", String(32)),
    _at("created_at"),
)

deliveries: Final = Table(
    "deliveries",
    metadata,
    _id(),
    _belongs("webhook_id", "webhooks", nullable=False),
    Column("event", String(40), nullable=False),
    Column("body", Text, nullable=False),
    Column("status", String(20), nullable=False),
    Column("attempt", Integer, nullable=False),
    _at("next_at"),
    Column("response_status", Integer),
    Column("error", Text),
    _at("created_at"),
    _at("delivered_at", nullable=True),
    Index(None, "status", "next_at"),
)

voices: Final = Table(
    "voices",  # people whose voice somebody enrolled
    metadata,
    _id(),
    Column("name", String(200), nullable=False, unique=True),
    Column("key_id", String(32)),
    _at("created_at"),
)

voice_sources: Final = Table(
    "voice_sources",  # what is known of how they sound, each taken once
    metadata,
    _id(),
    _belongs("voice_id", "voices", nullable=False),
    Column("model", String(100), nullable=False),  # vectors of two models do not compare
    Column("vector", LargeBinary, nullable=False),  # float32, little end first
    Column("seconds", Float(53), nullable=False),  # of speech that it was taken from
    Column("recording_id", String(32)),  # may be deleted by now
    Column("speaker", Text),
    Column("file_name", String(255)),
    _at("created_at"),
    Index(None, "voice_id"),
)
