"""The diarization service: `python diarization_service.py`, or `app` as WSGI for gunicorn.

gunicorn -w 4 -b 0.0.0.0:5000 --timeout 300 diarization_service:app
"""

from __future__ import annotations

from stenograf.settings import Settings

if __name__ == "__main__":
    from stenograf.cli.main import main

    settings = Settings()
    main(["serve", "--host", settings.diarization_host, "--port", str(settings.diarization_port)])
else:
    from stenograf.api.wsgi import Wsgi

    app = Wsgi(Settings())
