<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Exceptions;

/** The program on this machine ended with an error, or printed no answer. */
class LocalRunFailed extends StenografException
{
}
