<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Events;

/** A queued recognition is done; `$result` is what `AudioRecognitionTask::handle()` returns. */
final class AudioRecognized
{
    /** @param array{transcription: string, diarization: list<array{speaker: string, start: float, end: float}>} $result */
    public function __construct(
        public readonly mixed $apiRequest,
        public readonly array $result,
    ) {
    }
}
