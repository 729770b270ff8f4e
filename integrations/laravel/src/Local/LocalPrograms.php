<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Local;

use Stenograf\Laravel\Diarization;
use Stenograf\Laravel\Diarizer;
use Stenograf\Laravel\Exceptions\InvalidAnswer;
use Stenograf\Laravel\Exceptions\LocalRunFailed;
use Stenograf\Laravel\Recording;
use Stenograf\Laravel\Transcriber;
use Symfony\Component\Process\Exception\ExceptionInterface as ProcessException;
use Symfony\Component\Process\Process;

/** Runs `diarize.py FILE` and `python -m stenograf transcribe FILE` on this machine; the timeout is in seconds. */
final class LocalPrograms implements Diarizer, Transcriber
{
    private const MOST_REASON_BYTES = 1000;

    /** @param array<string, string> $environment beside our own */
    public function __construct(
        private readonly string $python,
        private readonly string $script,
        private readonly float $timeout,
        private readonly array $environment = [],
    ) {
    }

    public function diarize(Recording $recording): Diarization
    {
        $wishes = array_diff_key($recording->wishes, ['language' => true]);
        $answer = $this->run([$this->script, $recording->path, ...$this->flags($wishes)]);
        try {
            return Diarization::fromArray($answer);
        } catch (InvalidAnswer $fault) {
            throw new LocalRunFailed($fault->getMessage(), previous: $fault);
        }
    }

    public function transcribe(Recording $recording): string
    {
        $wishes = array_intersect_key($recording->wishes, ['language' => true]);
        $command = ['-m', 'stenograf', 'transcribe', '--no-diarize', '--quiet', '--format', 'json'];
        $answer = $this->run([...$command, ...$this->flags($wishes), $recording->path]);
        $text = $answer['text'] ?? null;

        return is_string($text) ? $text : throw new LocalRunFailed('The local program printed no text.');
    }

    /**
     * @param array<string, scalar> $wishes
     *
     * @return list<string> such as --num-speakers=2
     */
    private function flags(array $wishes): array
    {
        $flag = static fn (string $name, mixed $value): string => '--'.str_replace('_', '-', $name).'='.$value;

        return array_map($flag, array_keys($wishes), array_values($wishes));
    }

    /**
     * @param list<string> $arguments
     *
     * @return array<mixed> the JSON object that it prints
     */
    private function run(array $arguments): array
    {
        $process = new Process([$this->python, ...$arguments], env: $this->environment, timeout: $this->timeout);
        try {
            $process->run();
        } catch (ProcessException $fault) {
            throw new LocalRunFailed($fault->getMessage(), previous: $fault);
        }
        $printed = json_decode($process->getOutput(), associative: true);
        if (! $process->isSuccessful() || ! is_array($printed)) {
            throw new LocalRunFailed($this->reason($process, $printed), (int) $process->getExitCode());
        }

        return $printed;
    }

    /** Its error as JSON, or the end of what it said. */
    private function reason(Process $process, mixed $printed): string
    {
        $error = is_array($printed) ? $printed['error'] ?? null : null;
        if (is_string($error)) {
            return $error;
        }

        return substr(trim($process->getErrorOutput()), -self::MOST_REASON_BYTES) ?: 'The local program printed no JSON.';
    }
}
