<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Exceptions;

/** The answer is not what the contract says; check the address. */
class InvalidAnswer extends ServiceException
{
}
