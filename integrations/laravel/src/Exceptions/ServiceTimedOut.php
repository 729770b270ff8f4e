<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Exceptions;

/** No answer within the configured seconds. */
class ServiceTimedOut extends ServiceUnreachable
{
}
