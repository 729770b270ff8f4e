<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Http;

use Closure;
use Stenograf\Laravel\Exceptions\ServiceDown;
use Stenograf\Laravel\Exceptions\ServiceTimedOut;

/** Tries again what may work a moment later; times are in seconds. */
final class Retry
{
    /** @param ?Closure(float): void $sleep for tests */
    public function __construct(
        public readonly int $attempts,
        public readonly float $firstPause,
        public readonly float $longestPause,
        private readonly ?Closure $sleep = null,
    ) {
    }

    /**
     * What `$ask` returns, at the latest at the last attempt.
     *
     * A request that timed out is not sent again: its server may still be at work on it.
     *
     * @template T
     *
     * @param Closure(): T $ask
     *
     * @return T
     */
    public function run(Closure $ask): mixed
    {
        for ($attempt = 1; ; $attempt++) {
            try {
                return $ask();
            } catch (ServiceTimedOut $fault) {
                throw $fault;
            } catch (ServiceDown $fault) {
                $pause = $fault->retryAfter ?? $this->pause($attempt);
                if ($attempt >= $this->attempts || $pause > $this->longestPause) {
                    throw $fault;
                }
                $this->sleep($pause);
            }
        }
    }

    /** Twice as long each time, and up to a quarter more, so that clients do not come back together. */
    private function pause(int $attempt): float
    {
        $pause = $this->firstPause * 2 ** ($attempt - 1) * (1 + random_int(0, 250) / 1000);

        return min($pause, $this->longestPause);
    }

    private function sleep(float $seconds): void
    {
        $this->sleep === null ? usleep((int) ($seconds * 1e6)) : ($this->sleep)($seconds);
    }
}
