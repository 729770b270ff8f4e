<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Exceptions;

/** The service, or a proxy before it, answers 5xx. */
class ServiceUnavailable extends ServiceDown
{
}
