<?php

declare(strict_types=1);

namespace Stenograf\Laravel;

use Stenograf\Laravel\Exceptions\InvalidAnswer;

/** Who speaks when, in order of start; the duration is in seconds. */
final class Diarization
{
    /** @param list<SpeakerTurn> $turns */
    public function __construct(
        public readonly array $turns,
        public readonly float $duration,
    ) {
    }

    /**
     * What an answer of `/diarize` or the output of `diarize.py` says.
     *
     * @param array<mixed> $answer
     *
     * @throws InvalidAnswer where it has another shape
     */
    public static function fromArray(array $answer): self
    {
        $speakers = $answer['speakers'] ?? null;
        $duration = $answer['duration'] ?? null;
        if (! is_array($speakers) || ! self::isTime($duration)) {
            throw new InvalidAnswer('The answer holds no speakers and duration.');
        }

        return new self(array_map(self::turn(...), array_values($speakers)), (float) $duration);
    }

    /** @return list<array{speaker: string, start: float, end: float}> as the service writes them */
    public function toArray(): array
    {
        return array_map(static fn (SpeakerTurn $turn): array => get_object_vars($turn), $this->turns);
    }

    private static function turn(mixed $turn): SpeakerTurn
    {
        $isTurn = is_array($turn) && is_string($turn['speaker'] ?? null)
            && self::isTime($turn['start'] ?? null) && self::isTime($turn['end'] ?? null);
        if (! $isTurn) {
            throw new InvalidAnswer('A turn of the answer has no speaker, start and end.');
        }

        return new SpeakerTurn($turn['speaker'], (float) $turn['start'], (float) $turn['end']);
    }

    private static function isTime(mixed $value): bool
    {
        return (is_int($value) || is_float($value)) && $value >= 0;
    }
}
