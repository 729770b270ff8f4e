"""Passages to search, and names as they are compared."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

SQLITE = (
    "CREATE VIRTUAL TABLE passages_fts USING fts5("
    "stems, content='passages', content_rowid='id', tokenize='unicode61 remove_diacritics 0')",
    "CREATE TRIGGER passages_added AFTER INSERT ON passages BEGIN "
    "INSERT INTO passages_fts(rowid, stems) VALUES (new.id, new.stems); END",
    "CREATE TRIGGER passages_removed AFTER DELETE ON passages BEGIN "
    "INSERT INTO passages_fts(passages_fts, rowid, stems) "
    "VALUES ('delete', old.id, old.stems); END",
)
POSTGRESQL = ("CREATE INDEX passages_fts ON passages USING gin (to_tsvector('simple', stems))",)
FULL_TEXT = {"sqlite": SQLITE, "postgresql": POSTGRESQL}


def upgrade() -> None:
    """Bring a database of the format before to this one."""
    op.add_column(
        "recordings", sa.Column("name_folded", sa.Text(), nullable=False, server_default="")
    )
    op.create_table(
        "passages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("recording_id", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("start_s", sa.Float(precision=53), nullable=False),
        sa.Column("end_s", sa.Float(precision=53), nullable=False),
        sa.Column("speaker", sa.Text(), nullable=True),
        sa.Column("speaker_label", sa.Text(), nullable=True),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("stems", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["recording_id"],
            ["recordings.id"],
            name=op.f("fk_passages_recording_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passages")),
    )
    op.create_index(op.f("ix_passages_recording_id"), "passages", ["recording_id"])
    for statement in FULL_TEXT[op.get_bind().dialect.name]:
        op.execute(statement)
