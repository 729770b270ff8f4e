<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Exceptions;

/** The service does not work now; another way to an answer may. */
class ServiceDown extends ServiceException
{
}
