"""Every setting of the product, read from the environment and `.env`, only by its doors."""

from __future__ import annotations

from pathlib import Path

from pydantic import AliasChoices, Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from stenograf.core.home import home_needed


class Settings(BaseSettings):
    """What the surroundings say; a command-line option or an argument outweighs each field."""

    model_config = SettingsConfigDict(
        env_prefix="STENOGRAF_", env_file=".env", extra="ignore", populate_by_name=True
    )

    models_dir: Path | None = Field(
        None, description="Folder where models are looked up first and installed to."
    )
    whisper_cache_dir: Path | None = Field(
        None,
        validation_alias=AliasChoices("WHISPER_CACHE_DIR", "STENOGRAF_WHISPER_CACHE_DIR"),
        description="Folder with Whisper models: `medium.pt`, or `medium/` in CTranslate2 form.",
    )
    pyannote_model_path: Path | None = Field(
        Path("models/pyannote"),
        validation_alias=AliasChoices("PYANNOTE_MODEL_PATH", "STENOGRAF_PYANNOTE_MODEL_PATH"),
        description="Folder with pyannote pipelines and models.",
    )
    hf_token: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("HF_TOKEN", "HUGGINGFACE_HUB_TOKEN", "HUGGINGFACE_TOKEN"),
        description="Token of the model hub, needed only for gated models.",
    )
    languages: str | None = Field(
        None,
        description="Languages to choose between when none is named, for example `ru,en`.",
    )
    data_dir: Path | None = Field(
        None, description="Folder of the library: its database and the recordings."
    )
    database_url: SecretStr | None = Field(
        None, description="Another database than SQLite in the data folder, as SQLAlchemy names it."
    )
    token: SecretStr | None = Field(
        None,
        validation_alias=AliasChoices("STENOGRAF_TOKEN", "DIARIZATION_TOKEN"),
        description="Bearer token that every request to the server must bring.",
    )
    host: str = Field("127.0.0.1", description="Address that `stenograf serve` listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that `stenograf serve` listens on.")
    diarization_host: str = Field(
        "127.0.0.1",
        validation_alias=AliasChoices("DIARIZATION_HOST", "STENOGRAF_DIARIZATION_HOST"),
        description="Address that `compat/diarization_service.py` listens on.",
    )
    diarization_port: int = Field(
        5000,
        ge=0,
        le=65535,
        validation_alias=AliasChoices("DIARIZATION_PORT", "STENOGRAF_DIARIZATION_PORT"),
        description="Port that `compat/diarization_service.py` listens on.",
    )
    workers: int = Field(1, ge=0, le=64, description="Worker processes that the server starts.")
    max_upload_mb: int = Field(4000, ge=1, description="Largest recording the server takes.")
    max_duration_h: float = Field(
        25.0, gt=0, description="Longest recording the server works on, in hours."
    )
    max_channels: int | None = Field(
        None, ge=1, description="Most channels a recording may have; up to 64 unless given."
    )
    max_diarize_mb: int = Field(100, ge=1, description="Largest recording of `POST /diarize`.")
    max_requests: int = Field(
        64, ge=1, description="Requests with a recording that are served at once."
    )
    max_streams: int = Field(
        100, ge=1, description="Streams of events that are open at once; more are answered 429."
    )
    max_waiting: int = Field(100, ge=1, description="Jobs of one key that may wait.")
    retention_days: float | None = Field(
        None, gt=0, description="Recordings older than this are deleted; none unless given."
    )
    origins: str = Field(
        "", description="Web pages elsewhere that may use the server, separated by commas."
    )
    trusted_proxies: str = Field(
        "127.0.0.1,::1",
        description="Addresses and networks of proxies whose `X-Forwarded-...` headers count.",
    )
    allow_private_networks: bool = Field(
        False, description="Webhooks and imports may go to private networks and to this machine."
    )
    hang_s: float = Field(
        120.0,
        gt=0,
        description="Seconds without a sign of life after which an isolated engine is stopped.",
    )
    idle_unload_s: float | None = Field(
        600.0,
        gt=0,
        description="Seconds without work after which an isolated engine gives its memory back.",
    )
    llm_url: str | None = Field(
        None,
        description="Base URL of a language model that writes minutes, as OpenAI's clients take "
        "it: for example `http://127.0.0.1:11434/v1` for Ollama.",
    )
    llm_model: str | None = Field(
        None, description="Name of the language model, as its server knows it."
    )
    llm_key: SecretStr | None = Field(
        None, description="Key of the language model's server, where it asks for one."
    )
    llm_timeout_s: float = Field(
        600.0, gt=0, description="Seconds that one answer of the language model may take."
    )
    offline: bool = Field(
        False, description="Never open a network connection that leaves this machine."
    )

    @property
    def library_dir(self) -> Path:
        """Where the library lies: `data_dir`, else a folder among this user's data.

        Raises HomeUnknownError.
        """
        import platformdirs

        if self.data_dir is not None:
            return self.data_dir
        with home_needed():
            return Path(platformdirs.user_data_path("stenograf", appauthor=False)) / "library"
