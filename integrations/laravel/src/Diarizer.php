<?php

declare(strict_types=1);

namespace Stenograf\Laravel;

use Stenograf\Laravel\Exceptions\StenografException;

/** Tells who speaks when. */
interface Diarizer
{
    /** @throws StenografException */
    public function diarize(Recording $recording): Diarization;
}
