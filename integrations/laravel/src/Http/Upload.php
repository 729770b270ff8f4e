<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Http;

use CurlHandle;
use CURLFile;
use Stenograf\Laravel\Exceptions\InvalidAnswer;
use Stenograf\Laravel\Exceptions\ServiceException;
use Stenograf\Laravel\Exceptions\ServiceTimedOut;
use Stenograf\Laravel\Exceptions\ServiceUnreachable;
use Stenograf\Laravel\Recording;

/** One multipart request; curl reads the recording from disk as the network takes it. */
final class Upload
{
    /** A day of dense speech fits; a page of endless nonsense does not. */
    private const MOST_ANSWER_BYTES = 64 << 20;

    private string $body = '';

    private ?string $retryAfter = null;

    private bool $tooLong = false;

    /** @param array<string, scalar> $fields beside `file` */
    public function __construct(
        private readonly Endpoint $endpoint,
        private readonly string $path,
        private readonly Recording $recording,
        private readonly array $fields,
    ) {
    }

    /** @throws ServiceException where no whole answer came */
    public function send(): Answer
    {
        [$this->body, $this->retryAfter, $this->tooLong] = ['', null, false];
        $curl = curl_init($this->endpoint->url.$this->path);
        if ($curl === false) {
            throw new ServiceUnreachable('Not an address: '.$this->endpoint->url);
        }
        curl_setopt_array($curl, $this->options());
        if (curl_exec($curl) === false) {
            throw $this->fault(curl_errno($curl), curl_error($curl));
        }

        return new Answer(curl_getinfo($curl, CURLINFO_RESPONSE_CODE), $this->body, $this->retryAfter);
    }

    /**
     * Redirects are not followed: a token is meant for one server.
     *
     * @return array<int, mixed>
     */
    private function options(): array
    {
        return [
            CURLOPT_POSTFIELDS => ['file' => $this->file()] + array_map(strval(...), $this->fields),
            CURLOPT_HTTPHEADER => $this->endpoint->headers(),
            CURLOPT_PROTOCOLS => CURLPROTO_HTTP | CURLPROTO_HTTPS,
            CURLOPT_FOLLOWLOCATION => false,
            CURLOPT_CONNECTTIMEOUT_MS => (int) ($this->endpoint->connectTimeout * 1000),
            CURLOPT_TIMEOUT_MS => (int) ($this->endpoint->timeout * 1000),
            CURLOPT_HEADERFUNCTION => $this->readHeader(...),
            CURLOPT_WRITEFUNCTION => $this->readBody(...),
        ];
    }

    private function file(): CURLFile
    {
        return new CURLFile($this->recording->path, 'application/octet-stream', $this->recording->name);
    }

    private function readHeader(CurlHandle $curl, string $line): int
    {
        if (stripos($line, 'Retry-After:') === 0) {
            $this->retryAfter = trim(substr($line, strlen('Retry-After:')));
        }

        return strlen($line);
    }

    private function readBody(CurlHandle $curl, string $part): int
    {
        $this->tooLong = strlen($this->body) + strlen($part) > self::MOST_ANSWER_BYTES;
        if ($this->tooLong) {
            return 0; // curl ends the transfer
        }
        $this->body .= $part;

        return strlen($part);
    }

    private function fault(int $number, string $reason): ServiceException
    {
        return match (true) {
            $this->tooLong => new InvalidAnswer('The answer does not end.'),
            $number === CURLE_OPERATION_TIMEDOUT => new ServiceTimedOut($reason),
            default => new ServiceUnreachable($reason),
        };
    }
}
