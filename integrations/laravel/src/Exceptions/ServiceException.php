<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Exceptions;

use Throwable;

/** The service gave no usable answer; status 0 where there was none at all. */
class ServiceException extends StenografException
{
    final public function __construct(
        string $message,
        public readonly int $status = 0,
        public readonly ?float $retryAfter = null,
        ?Throwable $previous = null,
    ) {
        parent::__construct($message, $status, $previous);
    }
}
