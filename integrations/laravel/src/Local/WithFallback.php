<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Local;

use Closure;
use Illuminate\Contracts\Events\Dispatcher;
use Stenograf\Laravel\Diarization;
use Stenograf\Laravel\Diarizer;
use Stenograf\Laravel\Events\ServiceReplaced;
use Stenograf\Laravel\Exceptions\ServiceDown;
use Stenograf\Laravel\Recording;
use Stenograf\Laravel\Transcriber;

/** Asks the service, and this machine when the service is down; other faults stay faults. */
final class WithFallback implements Diarizer, Transcriber
{
    public function __construct(
        private readonly Diarizer $diarizer,
        private readonly Transcriber $transcriber,
        private readonly LocalPrograms $local,
        private readonly Dispatcher $events,
    ) {
    }

    public function diarize(Recording $recording): Diarization
    {
        return $this->either($recording, $this->diarizer->diarize(...), $this->local->diarize(...));
    }

    public function transcribe(Recording $recording): string
    {
        return $this->either($recording, $this->transcriber->transcribe(...), $this->local->transcribe(...));
    }

    /**
     * @template T
     *
     * @param Closure(Recording): T $there
     * @param Closure(Recording): T $here
     *
     * @return T
     */
    private function either(Recording $recording, Closure $there, Closure $here): mixed
    {
        try {
            return $there($recording);
        } catch (ServiceDown $fault) {
            $this->events->dispatch(new ServiceReplaced($recording, $fault));

            return $here($recording);
        }
    }
}
