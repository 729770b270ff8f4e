<?php

declare(strict_types=1);

// Times are in seconds.
return [
    'service' => [
        'url' => env('DIARIZATION_SERVICE_URL', 'http://localhost:5000'),
        'token' => env('DIARIZATION_SERVICE_TOKEN'),
        'connect_timeout' => (float) env('DIARIZATION_SERVICE_CONNECT_TIMEOUT', 5),
        'timeout' => (float) env('DIARIZATION_SERVICE_TIMEOUT', 300),
    ],

    // Connection errors, 429 and 5xx are tried again; a request that timed out is not.
    'retry' => [
        'attempts' => (int) env('DIARIZATION_SERVICE_ATTEMPTS', 3),
        'first_pause' => (float) env('DIARIZATION_SERVICE_FIRST_PAUSE', 0.5),
        // Somebody who asks for more patience (Retry-After) than this gets none: ServiceBusy is thrown.
        'longest_pause' => (float) env('DIARIZATION_SERVICE_LONGEST_PAUSE', 30),
    ],

    // Where the words come from: "service" (the server above) or "openai" (recordings leave your network).
    'transcription' => [
        'driver' => env('STENOGRAF_TRANSCRIPTION', 'service'),
        'model' => env('STENOGRAF_TRANSCRIPTION_MODEL', 'whisper-1'),
        'openai' => [
            'url' => env('OPENAI_BASE_URL', 'https://api.openai.com/v1'),
            'token' => env('OPENAI_API_KEY'),
        ],
    ],

    // What runs on this machine when the service is down.
    'fallback' => [
        'enabled' => (bool) env('DIARIZATION_FALLBACK', true),
        'python' => env('DIARIZATION_PYTHON', 'python3'),
        'script' => env('DIARIZATION_SCRIPT', base_path('scripts/diarize.py')),
        'timeout' => (float) env('DIARIZATION_FALLBACK_TIMEOUT', 3600),
        // More environment variables, for example STENOGRAF_MODELS_DIR.
        'environment' => [],
    ],

    // Where a request that is a model or a plain object keeps the path of its recording: the first that is there.
    'path_attributes' => ['audio_path', 'file_path', 'path', 'file'],

    // Seconds that a queued RecognizeAudio may take, and how often it is tried.
    'queue' => [
        'timeout' => (int) env('STENOGRAF_QUEUE_TIMEOUT', 3900),
        'tries' => (int) env('STENOGRAF_QUEUE_TRIES', 5),
    ],
];
