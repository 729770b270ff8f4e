<?php

declare(strict_types=1);

// A fake: plays the faults of a service. The first part of the path says which.
[, $part] = explode('/', (string) parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));
$good = json_encode([
    'speakers' => [['speaker' => 'SPEAKER_00', 'start' => 0, 'end' => 1.5]],
    'duration' => 2,
    'text' => 'fake words',
]);

/** How often this part was played, this time included. */
function turnOf(string $part): int
{
    $path = getenv('FAKE_FOLDER')."/turns-{$part}";
    file_put_contents($path, '.', FILE_APPEND | LOCK_EX);

    return (int) filesize($path);
}

/** An answer with a status, as our service words its errors. */
function refuse(int $status, string $reason, ?string $retryAfter = null): string
{
    http_response_code($status);
    if ($retryAfter !== null) {
        header("Retry-After: {$retryAfter}");
    }

    return (string) json_encode(['error' => $reason]);
}

$turn = turnOf($part);
echo match ($part) {
    'ready' => 'yes',
    'good' => $good,
    'busy-once' => $turn === 1 ? refuse(429, 'Busy.', '1') : $good,
    'busy' => refuse(429, 'Busy.', '0'),
    'busy-for-long' => refuse(429, 'Busy.', '3600'),
    'down-twice' => $turn <= 2 ? refuse(503, 'Not ready.') : $good,
    'down' => refuse(502, 'Bad gateway.'),
    'forbidden' => refuse(401, 'Wrong token.'),
    'too-large' => refuse(413, 'Over 100 MB.'),
    'openai-refuses' => (function (): string {
        http_response_code(400);

        return '{"error": {"message": "No such model.", "type": "invalid_request_error"}}';
    })(),
    'slow' => (function () use ($good): string {
        sleep(3);

        return (string) $good;
    })(),
    'page' => '<html>Welcome to nginx!</html>',
    'no-turns' => '{"success": true}',
    'odd-turns' => '{"speakers": [{"speaker": 1, "start": "soon"}], "duration": 2}',
    'redirect' => (function (): string {
        header('Location: /good/diarize', response_code: 302);

        return '';
    })(),
    'mirror' => json_encode(['text' => json_encode([
        'fields' => $_POST,
        'name' => $_FILES['file']['name'],
        'bytes' => $_FILES['file']['size'],
        'authorization' => $_SERVER['HTTP_AUTHORIZATION'] ?? null,
    ])]),
};
