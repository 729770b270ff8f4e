<?php

declare(strict_types=1);

namespace Stenograf\Laravel;

use Illuminate\Container\Container;
use Stenograf\Laravel\Exceptions\StenografException;

/**
 * What is said in a recording, and who speaks when.
 *
 *     $task = new AudioRecognitionTask($apiRequest);
 *     $result = $task->handle();
 */
final class AudioRecognitionTask
{
    /** @param mixed $apiRequest see {@see Recording::of()} */
    public function __construct(private readonly mixed $apiRequest)
    {
    }

    /**
     * @return array{transcription: string, diarization: list<array{speaker: string, start: float, end: float}>}
     *
     * @throws StenografException
     */
    public function handle(): array
    {
        $app = Container::getInstance();
        $recording = Recording::of($this->apiRequest, $app->make('config')->get('stenograf.path_attributes'));

        return [
            'transcription' => $app->make(Transcriber::class)->transcribe($recording),
            'diarization' => $app->make(Diarizer::class)->diarize($recording)->toArray(),
        ];
    }
}
