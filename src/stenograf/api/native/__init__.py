"""Our own contract, `/api/v1`: what the page, the Python client and scripts use."""

from stenograf.api.native import (
    jobs,
    keys,
    models,
    recordings,
    search,
    speakers,
    transcripts,
    uploads,
    webhooks,
)

routers = [
    module.router
    for module in (recordings, uploads, transcripts, speakers, jobs, search, models, keys, webhooks)
]
