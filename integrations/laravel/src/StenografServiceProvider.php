<?php

declare(strict_types=1);

namespace Stenograf\Laravel;

use Illuminate\Contracts\Config\Repository;
use Illuminate\Contracts\Container\Container;
use Illuminate\Contracts\Events\Dispatcher;
use Illuminate\Support\ServiceProvider;
use InvalidArgumentException;
use Stenograf\Laravel\Http\Endpoint;
use Stenograf\Laravel\Http\Retry;
use Stenograf\Laravel\Http\ServiceDiarizer;
use Stenograf\Laravel\Http\WhisperTranscriber;
use Stenograf\Laravel\Local\LocalPrograms;
use Stenograf\Laravel\Local\WithFallback;

/** Binds `Diarizer` and `Transcriber` as config/stenograf.php wants them. */
final class StenografServiceProvider extends ServiceProvider
{
    private const CONFIG = __DIR__.'/../config/stenograf.php';

    public function register(): void
    {
        $this->mergeConfigFrom(self::CONFIG, 'stenograf');
        $this->app->bind(Diarizer::class, $this->diarizer(...));
        $this->app->bind(Transcriber::class, $this->transcriber(...));
    }

    public function boot(): void
    {
        $this->publishes([self::CONFIG => $this->app->configPath('stenograf.php')], 'stenograf-config');
    }

    private function diarizer(Container $app): Diarizer
    {
        $config = $this->config($app);
        $service = $this->service($config);

        return $config['fallback']['enabled'] ? $this->withFallback($app, $config) : $service;
    }

    private function transcriber(Container $app): Transcriber
    {
        $config = $this->config($app);

        return match ($config['transcription']['driver']) {
            'openai' => $this->whisper($config, $config['transcription']['openai']),
            'service' => $config['fallback']['enabled']
                ? $this->withFallback($app, $config)
                : $this->ownWhisper($config),
            default => throw new InvalidArgumentException('stenograf.transcription.driver is "service" or "openai".'),
        };
    }

    /** @param array<string, mixed> $config */
    private function withFallback(Container $app, array $config): WithFallback
    {
        $here = $config['fallback'];
        $local = new LocalPrograms($here['python'], $here['script'], $here['timeout'], $here['environment']);

        return new WithFallback(
            $this->service($config), $this->ownWhisper($config), $local, $app->make(Dispatcher::class)
        );
    }

    /** @param array<string, mixed> $config */
    private function service(array $config): ServiceDiarizer
    {
        return new ServiceDiarizer($this->endpoint($config, $config['service']), $this->retry($config));
    }

    /** @param array<string, mixed> $config */
    private function ownWhisper(array $config): WhisperTranscriber
    {
        $service = $config['service'];

        return $this->whisper($config, ['url' => rtrim($service['url'], '/').'/v1', 'token' => $service['token']]);
    }

    /**
     * @param array<string, mixed> $config
     * @param array<string, mixed> $server its url and token
     */
    private function whisper(array $config, array $server): WhisperTranscriber
    {
        $endpoint = $this->endpoint($config, $server);

        return new WhisperTranscriber($endpoint, $this->retry($config), $config['transcription']['model']);
    }

    /**
     * @param array<string, mixed> $config
     * @param array<string, mixed> $server
     */
    private function endpoint(array $config, array $server): Endpoint
    {
        $service = $config['service'];

        return new Endpoint($server['url'], $server['token'], $service['connect_timeout'], $service['timeout']);
    }

    /** @param array<string, mixed> $config */
    private function retry(array $config): Retry
    {
        $retry = $config['retry'];

        return new Retry($retry['attempts'], $retry['first_pause'], $retry['longest_pause']);
    }

    /** @return array<string, mixed> */
    private function config(Container $app): array
    {
        return $app->make(Repository::class)->get('stenograf');
    }
}
