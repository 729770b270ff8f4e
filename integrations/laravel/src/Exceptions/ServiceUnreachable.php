<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Exceptions;

/** Nobody answers at the address, or the connection broke. */
class ServiceUnreachable extends ServiceDown
{
}
