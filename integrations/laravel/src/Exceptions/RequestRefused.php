<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Exceptions;

/** The recording or an option is not accepted (other 4xx): no sense in trying again. */
class RequestRefused extends ServiceException
{
}
