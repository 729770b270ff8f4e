<?php

declare(strict_types=1);

namespace Stenograf\Laravel;

/** Somebody speaks; seconds from the start of the recording. */
final class SpeakerTurn
{
    public function __construct(
        public readonly string $speaker,
        public readonly float $start,
        public readonly float $end,
    ) {
    }
}
