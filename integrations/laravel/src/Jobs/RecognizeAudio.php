<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Jobs;

use Illuminate\Bus\Queueable;
use Illuminate\Contracts\Events\Dispatcher as Events;
use Illuminate\Contracts\Queue\ShouldQueue;
use Illuminate\Foundation\Bus\Dispatchable;
use Illuminate\Queue\InteractsWithQueue;
use Illuminate\Queue\SerializesModels;
use Stenograf\Laravel\AudioRecognitionTask;
use Stenograf\Laravel\Events\AudioRecognitionFailed;
use Stenograf\Laravel\Events\AudioRecognized;
use Stenograf\Laravel\Exceptions\InvalidAnswer;
use Stenograf\Laravel\Exceptions\RecordingMissing;
use Stenograf\Laravel\Exceptions\RequestRefused;
use Stenograf\Laravel\Exceptions\ServiceBusy;
use Stenograf\Laravel\Exceptions\Unauthenticated;
use Throwable;

/** {@see AudioRecognitionTask} on a queue; the events AudioRecognized and AudioRecognitionFailed tell the end. */
final class RecognizeAudio implements ShouldQueue
{
    use Dispatchable;
    use InteractsWithQueue;
    use Queueable;
    use SerializesModels;

    /** A busy service that does not say how long it stays so. */
    private const BUSY_PAUSE_S = 60;

    /** @var list<int> seconds before each further try, when neither the service nor this machine could do it */
    public array $backoff = [10, 60, 300];

    public int $timeout;

    public int $tries;

    /** @param mixed $apiRequest a path or a model; an HTTP request cannot wait on a queue */
    public function __construct(public readonly mixed $apiRequest)
    {
        $this->timeout = (int) config('stenograf.queue.timeout');
        $this->tries = (int) config('stenograf.queue.tries');
    }

    public function handle(Events $events): void
    {
        try {
            $result = (new AudioRecognitionTask($this->apiRequest))->handle();
        } catch (ServiceBusy $fault) {
            $this->release((int) ceil($fault->retryAfter ?? self::BUSY_PAUSE_S));

            return;
        } catch (Unauthenticated|RequestRefused|InvalidAnswer|RecordingMissing $fault) {
            $this->fail($fault); // trying again would not help

            return;
        }
        $events->dispatch(new AudioRecognized($this->apiRequest, $result));
    }

    public function failed(Throwable $fault): void
    {
        event(new AudioRecognitionFailed($this->apiRequest, $fault));
    }
}
