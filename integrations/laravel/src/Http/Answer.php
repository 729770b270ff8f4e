<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Http;

use Stenograf\Laravel\Exceptions\InvalidAnswer;
use Stenograf\Laravel\Exceptions\RequestRefused;
use Stenograf\Laravel\Exceptions\ServiceBusy;
use Stenograf\Laravel\Exceptions\ServiceException;
use Stenograf\Laravel\Exceptions\ServiceUnavailable;
use Stenograf\Laravel\Exceptions\Unauthenticated;

/** What a server said; `retryAfter` is its header of that name. */
final class Answer
{
    public function __construct(
        public readonly int $status,
        public readonly string $body,
        public readonly ?string $retryAfter = null,
    ) {
    }

    /**
     * The JSON object of a good answer.
     *
     * @return array<mixed>
     *
     * @throws ServiceException that suits the status
     */
    public function json(): array
    {
        $decoded = json_decode($this->body, associative: true);
        if ($this->status >= 400) {
            throw $this->fault($this->reason($decoded));
        }
        if ($this->status !== 200 || ! is_array($decoded)) {
            throw new InvalidAnswer("The answer is no JSON object (status {$this->status}).", $this->status);
        }

        return $decoded;
    }

    /** Seconds that the server asks to wait: from a number or a date (RFC 9110, 10.2.3). */
    public function wait(): ?float
    {
        $asked = trim($this->retryAfter ?? '');
        if (ctype_digit($asked)) {
            return (float) $asked;
        }
        $moment = $asked === '' ? false : strtotime($asked);

        return $moment === false ? null : (float) max(0, $moment - time());
    }

    private function fault(string $reason): ServiceException
    {
        $kind = match (true) {
            $this->status === 401, $this->status === 403 => Unauthenticated::class,
            $this->status === 429 => ServiceBusy::class,
            $this->status >= 500 => ServiceUnavailable::class,
            default => RequestRefused::class,
        };

        return new $kind($reason, $this->status, $this->wait());
    }

    /** Our service writes {"error": "..."}, OpenAI {"error": {"message": "..."}}. */
    private function reason(mixed $decoded): string
    {
        $error = is_array($decoded) ? $decoded['error'] ?? null : null;
        $reason = is_array($error) ? $error['message'] ?? null : $error;

        return is_string($reason) && $reason !== '' ? $reason : "The service answered {$this->status}.";
    }
}
