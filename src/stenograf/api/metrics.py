"""Numbers for Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from stenograf.jobs import JobStatus

METHODS: Final = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})

Counts = Callable[[], Mapping[JobStatus, int]]


class Metrics:
    """Requests as they end, and jobs as they stand when somebody asks."""

    def __init__(self, jobs: Counts, workers: Callable[[], int]) -> None:
        self._registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self._requests = Counter(
            "stenograf_requests", "Requests answered.", labels, registry=self._registry
        )
        self._seconds = Histogram(
            "stenograf_request_seconds",
            "From the first byte to the last.",
            ("route",),
            buckets=(0.005, 0.02, 0.1, 0.5, 2, 10, 60, 300, 1800),
            registry=self._registry,
        )
        self._registry.register(_Standing(jobs, workers))

    def count(self, method: str, route: str, status: int, seconds: float) -> None:
        """One request is over."""
        known = method if method in METHODS else "?"  # else anybody could fill our memory
        self._requests.labels(known, route, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def text(self) -> bytes:
        """Everything in Prometheus' text format."""
        return generate_latest(self._registry)


class _Standing(Collector):
    def __init__(self, jobs: Counts, workers: Callable[[], int]) -> None:
        self._jobs = jobs
        self._workers = workers

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing is read from the database just to register."""
        return []

    def collect(self) -> list[GaugeMetricFamily]:
        """Jobs by status, and workers alive."""
        jobs = GaugeMetricFamily("stenograf_jobs", "Jobs by status.", labels=["status"])
        for status, count in self._jobs().items():
            jobs.add_metric([status], count)
        workers = GaugeMetricFamily("stenograf_workers", "Workers alive.", value=self._workers())
        return [jobs, workers]
