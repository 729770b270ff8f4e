<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Exceptions;

/** The token is missing, wrong, or may not do this (401, 403). */
class Unauthenticated extends ServiceException
{
}
