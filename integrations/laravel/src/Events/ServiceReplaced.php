<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Events;

use Stenograf\Laravel\Exceptions\ServiceDown;
use Stenograf\Laravel\Recording;

/** The service is down, and this machine takes over. */
final class ServiceReplaced
{
    public function __construct(
        public readonly Recording $recording,
        public readonly ServiceDown $fault,
    ) {
    }
}
