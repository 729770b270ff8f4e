<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Exceptions;

/** The service has too much to do (429); `retryAfter` is in seconds where it said so. */
class ServiceBusy extends ServiceDown
{
}
