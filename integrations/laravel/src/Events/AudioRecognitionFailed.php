<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Events;

use Throwable;

/** A queued recognition failed for good. */
final class AudioRecognitionFailed
{
    public function __construct(
        public readonly mixed $apiRequest,
        public readonly Throwable $fault,
    ) {
    }
}
