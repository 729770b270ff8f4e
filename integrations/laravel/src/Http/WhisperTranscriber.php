<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Http;

use Stenograf\Laravel\Exceptions\InvalidAnswer;
use Stenograf\Laravel\Recording;
use Stenograf\Laravel\Transcriber;

/** Asks `POST .../audio/transcriptions`, of our server or of OpenAI: the endpoint ends in `/v1`. */
final class WhisperTranscriber implements Transcriber
{
    public function __construct(
        private readonly Endpoint $endpoint,
        private readonly Retry $retry,
        private readonly string $model,
    ) {
    }

    public function transcribe(Recording $recording): string
    {
        $fields = ['model' => $this->model, 'response_format' => 'json'];
        $fields += array_intersect_key($recording->wishes, ['language' => true]);
        $upload = new Upload($this->endpoint, '/audio/transcriptions', $recording, $fields);

        return $this->retry->run(fn (): string => $this->text($upload->send()->json()));
    }

    /** @param array<mixed> $answer */
    private function text(array $answer): string
    {
        $text = $answer['text'] ?? null;

        return is_string($text) ? $text : throw new InvalidAnswer('The answer holds no text.');
    }
}
