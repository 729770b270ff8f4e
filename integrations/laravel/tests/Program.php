<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Tests;

use RuntimeException;
use Symfony\Component\Process\Process;

/** A server as a process of its own, on a port that was free. */
final class Program
{
    public readonly string $url;

    private readonly Process $process;

    /**
     * @param list<string>          $command     with {port} where the port belongs
     * @param array<string, string> $environment
     */
    public function __construct(array $command, string $readyPath, array $environment = [], ?string $folder = null)
    {
        $port = self::freePort();
        $this->url = "http://127.0.0.1:{$port}";
        $filled = array_map(static fn (string $part): string => str_replace('{port}', (string) $port, $part), $command);
        $this->process = new Process($filled, $folder, $environment, timeout: null);
        $this->process->start();
        $this->waitUntilReady($readyPath);
    }

    public function stop(): void
    {
        $this->process->stop(20);
    }

    public static function freePort(): int
    {
        $probe = stream_socket_server('tcp://127.0.0.1:0');
        $name = (string) stream_socket_get_name($probe, false);
        fclose($probe);

        return (int) substr($name, (int) strrpos($name, ':') + 1);
    }

    private function waitUntilReady(string $path): void
    {
        $deadline = microtime(true) + 60;
        while (microtime(true) < $deadline && $this->process->isRunning()) {
            if (@file_get_contents($this->url.$path) !== false) {
                return;
            }
            usleep(100_000);
        }
        throw new RuntimeException($this->process->getOutput().$this->process->getErrorOutput());
    }
}
