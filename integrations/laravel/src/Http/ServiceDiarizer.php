<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Http;

use Stenograf\Laravel\Diarization;
use Stenograf\Laravel\Diarizer;
use Stenograf\Laravel\Recording;

/** Asks `POST /diarize`. */
final class ServiceDiarizer implements Diarizer
{
    public function __construct(
        private readonly Endpoint $endpoint,
        private readonly Retry $retry,
    ) {
    }

    public function diarize(Recording $recording): Diarization
    {
        $wishes = array_diff_key($recording->wishes, ['language' => true]);
        $upload = new Upload($this->endpoint, '/diarize', $recording, $wishes);

        return $this->retry->run(static fn (): Diarization => Diarization::fromArray($upload->send()->json()));
    }
}
