<?php

declare(strict_types=1);

namespace Stenograf\Laravel;

use Stenograf\Laravel\Exceptions\StenografException;

/** Writes down what is said. */
interface Transcriber
{
    /** @throws StenografException */
    public function transcribe(Recording $recording): string;
}
