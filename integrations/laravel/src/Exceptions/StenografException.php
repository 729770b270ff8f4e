<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Exceptions;

use RuntimeException;

/**
 * Base of everything this package throws on purpose.
 *
 *     StenografException
 *     ├── RecordingMissing        no recording in the request, or no such file
 *     ├── ServiceException
 *     │   ├── ServiceDown         the fallback takes over
 *     │   │   ├── ServiceUnreachable   nobody answers
 *     │   │   │   └── ServiceTimedOut  ... in time
 *     │   │   ├── ServiceUnavailable   5xx
 *     │   │   └── ServiceBusy          429
 *     │   ├── Unauthenticated     401, 403
 *     │   ├── RequestRefused      any other 4xx: the recording or the options are at fault
 *     │   └── InvalidAnswer       not what the contract says: probably another program's address
 *     └── LocalRunFailed          the local program ended with an error
 */
class StenografException extends RuntimeException
{
}
