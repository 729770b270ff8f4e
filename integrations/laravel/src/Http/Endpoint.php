<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Http;

use InvalidArgumentException;

/** A server, who we are to it, and our patience in seconds. */
final class Endpoint
{
    public readonly string $url;

    public function __construct(
        string $url,
        private readonly ?string $token,
        public readonly float $connectTimeout,
        public readonly float $timeout,
    ) {
        if (preg_match('#^https?://#i', $url) !== 1) {
            throw new InvalidArgumentException('The address of a service begins with http:// or https://.');
        }
        if ($token !== null && preg_match('/[^\x21-\x7e]/', $token) === 1) {
            throw new InvalidArgumentException('A token has no spaces, line ends or letters outside ASCII.');
        }
        $this->url = rtrim($url, '/');
    }

    /** @return list<string> */
    public function headers(): array
    {
        $headers = ['Accept: application/json'];

        return $this->token ? [...$headers, "Authorization: Bearer {$this->token}"] : $headers;
    }
}
