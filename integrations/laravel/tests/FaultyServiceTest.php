<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Tests;

use PHPUnit\Framework\Attributes\DataProvider;
use Stenograf\Laravel\Diarization;
use Stenograf\Laravel\Diarizer;
use Stenograf\Laravel\Exceptions\InvalidAnswer;
use Stenograf\Laravel\Exceptions\LocalRunFailed;
use Stenograf\Laravel\Exceptions\RequestRefused;
use Stenograf\Laravel\Exceptions\ServiceBusy;
use Stenograf\Laravel\Exceptions\ServiceException;
use Stenograf\Laravel\Exceptions\ServiceTimedOut;
use Stenograf\Laravel\Exceptions\ServiceUnavailable;
use Stenograf\Laravel\Exceptions\ServiceUnreachable;
use Stenograf\Laravel\Exceptions\Unauthenticated;
use Stenograf\Laravel\Recording;
use Stenograf\Laravel\Transcriber;

/** Faults that a real service cannot be asked for, played by a fake one. */
final class FaultyServiceTest extends TestCase
{
    private static Program $fake;

    public static function setUpBeforeClass(): void
    {
        self::$fake = Stage::fakeService();
    }

    public static function tearDownAfterClass(): void
    {
        self::$fake->stop();
    }

    protected function setUp(): void
    {
        parent::setUp();
        array_map(unlink(...), glob(Stage::folder().'/turns-*') ?: []);
    }

    /** 429 with Retry-After: 1 is waited out. */
    public function testABusyServiceIsAskedAgainWhenItSays(): void
    {
        $before = microtime(true);
        self::assertCount(1, $this->diarize('busy-once')->turns);
        self::assertGreaterThan(1.0, microtime(true) - $before);
        self::assertSame(2, $this->timesAsked('busy-once'));
    }

    /** Three attempts, no more. */
    public function testAServiceThatStaysBusyIsLeftAlone(): void
    {
        self::assertSame(429, $this->fault('busy', ServiceBusy::class)->status);
        self::assertSame(3, $this->timesAsked('busy'));
    }

    /** An hour is for a queue to wait, not for a request. */
    public function testALongRetryAfterIsHandedOn(): void
    {
        self::assertSame(3600.0, $this->fault('busy-for-long', ServiceBusy::class)->retryAfter);
        self::assertSame(1, $this->timesAsked('busy-for-long'));
    }

    public function testAServiceThatComesUpIsAskedAgain(): void
    {
        self::assertSame(2.0, $this->diarize('down-twice')->duration);
        self::assertSame(3, $this->timesAsked('down-twice'));
    }

    public function testAServiceThatStaysDownIsUnavailable(): void
    {
        self::assertSame(502, $this->fault('down', ServiceUnavailable::class)->status);
    }

    public function testNobodyThereIsUnreachable(): void
    {
        $this->expectException(ServiceUnreachable::class);
        $this->app->make(Diarizer::class)->diarize(Recording::at(Stage::small()));
    }

    /** A slow one is asked once: it may still be at work. */
    public function testASlowServiceTimesOut(): void
    {
        $this->configure(['service.timeout' => 0.5]);
        $this->fault('slow', ServiceTimedOut::class);
        self::assertSame(1, $this->timesAsked('slow'));
    }

    public function testAForeignTokenIsNotTriedAgain(): void
    {
        self::assertSame('Wrong token.', $this->fault('forbidden', Unauthenticated::class)->getMessage());
        self::assertSame(1, $this->timesAsked('forbidden'));
    }

    public function testARefusalIsNotTriedAgain(): void
    {
        self::assertSame('Over 100 MB.', $this->fault('too-large', RequestRefused::class)->getMessage());
        self::assertSame(1, $this->timesAsked('too-large'));
    }

    /** @dataProvider nonsense */
    #[DataProvider('nonsense')]
    public function testNonsenseIsNoAnswer(string $part): void
    {
        $this->configure(['fallback.enabled' => true]);
        $this->fault($part, InvalidAnswer::class);
        self::assertSame([], $this->events);
    }

    /** @return array<string, array{string}> */
    public static function nonsense(): array
    {
        $parts = ['page', 'no-turns', 'odd-turns', 'redirect'];

        return array_combine($parts, array_map(static fn (string $part): array => [$part], $parts));
    }

    /** OpenAI gets its own token, model and language, and its wording of errors is understood. */
    public function testOpenAiWritesTheText(): void
    {
        $this->configure([
            'transcription.driver' => 'openai',
            'transcription.openai' => ['url' => self::$fake->url.'/mirror', 'token' => 'sk-test'],
        ]);
        $recording = Recording::at(Stage::small(), 'звонок "1".wav', ['language' => 'ru', 'num_speakers' => 2]);
        $seen = json_decode($this->app->make(Transcriber::class)->transcribe($recording), true);

        self::assertSame('Bearer sk-test', $seen['authorization']);
        self::assertSame(['model' => 'whisper-1', 'response_format' => 'json', 'language' => 'ru'], $seen['fields']);
        self::assertSame([2000, 'звонок'], [$seen['bytes'], mb_substr($seen['name'], 0, 6)]);

        $this->configure(['transcription.openai.url' => self::$fake->url.'/openai-refuses']);
        $this->expectExceptionMessage('No such model.');
        $this->app->make(Transcriber::class)->transcribe($recording);
    }

    /** 100 MB go through a process that stays small, as the kernel and PHP itself measure it. */
    public function testUploadsAreReadFromDiskAsTheyAreSent(): void
    {
        $path = Stage::folder().'/large.wav';
        $file = fopen($path, 'w');
        ftruncate($file, 100_000_000);
        fclose($file);
        [$before, $ours] = [$this->mostMemory(), memory_get_peak_usage(true)];
        $this->diarize('good', $path);
        self::assertLessThan(24 << 20, $this->mostMemory() - $before);
        self::assertLessThan(4 << 20, memory_get_peak_usage(true) - $ours);
    }

    /** Neither the service nor this machine. */
    public function testAMissingScriptIsSaid(): void
    {
        $this->configure(['fallback.enabled' => true, 'fallback.script' => '/nowhere/diarize.py']);
        $this->expectException(LocalRunFailed::class);
        $this->expectExceptionMessageMatches('/nowhere/');
        $this->diarize('down');
    }

    private function diarize(string $part, ?string $path = null): Diarization
    {
        $this->configure(['service.url' => self::$fake->url."/{$part}/"]);

        return $this->app->make(Diarizer::class)->diarize(Recording::at($path ?? Stage::small()));
    }

    /** @param class-string<ServiceException> $kind */
    private function fault(string $part, string $kind): ServiceException
    {
        try {
            $this->diarize($part);
        } catch (ServiceException $fault) {
            self::assertInstanceOf($kind, $fault);

            return $fault;
        }
        self::fail('There was an answer.');
    }

    private function timesAsked(string $part): int
    {
        clearstatcache();

        return (int) filesize(Stage::folder()."/turns-{$part}");
    }

    private function mostMemory(): int
    {
        preg_match('/VmHWM:\s+(\d+) kB/', (string) file_get_contents('/proc/self/status'), $found);

        return (int) $found[1] * 1024;
    }
}
