<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Exceptions;

/** The request holds no recording, or its file cannot be read. */
class RecordingMissing extends StenografException
{
}
