<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Tests;

use Illuminate\Bus\BusServiceProvider;
use Illuminate\Config\Repository;
use Illuminate\Foundation\Application;
use Illuminate\Queue\QueueServiceProvider;
use Illuminate\Support\Facades\Facade;
use PHPUnit\Framework\TestCase as Base;
use Stenograf\Laravel\StenografServiceProvider;

/** A Laravel application with this package in it. */
abstract class TestCase extends Base
{
    protected Application $app;

    /** @var list<object> events of this package, in order */
    protected array $events = [];

    protected function setUp(): void
    {
        $this->app = new Application(Stage::folder());
        $this->app->instance('config', new Repository(['queue' => ['default' => 'sync', 'connections' => ['sync' => ['driver' => 'sync']]]]));
        Facade::setFacadeApplication($this->app);
        $this->app->register(BusServiceProvider::class);
        $this->app->register(QueueServiceProvider::class);
        $this->app->register(StenografServiceProvider::class);
        $this->app->boot();
        $this->app['events']->listen('Stenograf\\*', function (string $name, array $payload): void {
            $this->events[] = $payload[0];
        });
        $this->configure([
            'service.url' => 'http://127.0.0.1:1', // nobody is there
            'service.token' => Stage::TOKEN,
            'retry.first_pause' => 0.01,
            'fallback.enabled' => false,
            'fallback.python' => Stage::python(),
            'fallback.script' => Stage::ROOT.'/compat/diarize.py',
            'fallback.environment' => Stage::environment(),
        ]);
    }

    /** @param array<string, mixed> $settings below `stenograf.` */
    protected function configure(array $settings): void
    {
        foreach ($settings as $name => $value) {
            $this->app['config']->set("stenograf.{$name}", $value);
        }
    }
}
