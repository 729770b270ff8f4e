"""Our own contract, `/api/v1`: what the page, the Python client and scripts use."""

from stenograf.api.native import (
    imports,
    jobs,
    keys,
    minutes,
    models,
    recordings,
    search,
    speakers,
    transcripts,
    uploads,
    voices,
    webhooks,
)

routers = [
    module.router
    for module in (
        imports,
        recordings,
        uploads,
        transcripts,
        minutes,
        speakers,
        voices,
        jobs,
        search,
        models,
        keys,
        webhooks,
    )
]
