<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Tests;

use Illuminate\Http\Request;
use Stenograf\Laravel\Exceptions\RecordingMissing;
use Stenograf\Laravel\Http\Answer;
use Stenograf\Laravel\Http\Endpoint;
use Stenograf\Laravel\Jobs\RecognizeAudio;
use Stenograf\Laravel\Recording;

/** What a request may be, and other small promises. */
final class RecordingTest extends TestCase
{
    public function testAModelKeepsAPathAndWishes(): void
    {
        $model = (object) ['file_path' => Stage::small(), 'language' => 'ru', 'max_speakers' => 3, 'min_speakers' => null];
        $recording = Recording::of($model, ['audio_path', 'file_path']);

        self::assertSame(realpath(Stage::small()), $recording->path);
        self::assertSame(['language' => 'ru', 'max_speakers' => 3], $recording->wishes);
    }

    /** Input of a stranger never names a file of ours. */
    public function testInputIsNoPath(): void
    {
        $input = ['file_path' => Stage::small(), 'file' => Stage::small()];
        foreach ([Request::create('/', 'POST', $input), $input] as $request) {
            try {
                Recording::of($request, ['file_path', 'file']);
                self::fail('A file was named.');
            } catch (RecordingMissing $fault) {
                self::assertStringNotContainsString(Stage::small(), $fault->getMessage());
            }
        }
    }

    /** Seconds or a date; nonsense is nothing. */
    public function testRetryAfterIsRead(): void
    {
        $wait = static fn (?string $header): ?float => (new Answer(429, '', $header))->wait();

        self::assertSame(7.0, $wait('7'));
        self::assertEqualsWithDelta(30, $wait(gmdate('D, d M Y H:i:s', time() + 30).' GMT'), 2);
        self::assertSame(0.0, $wait('Thu, 01 Jan 1970 00:00:00 GMT'));
        self::assertNull($wait('soon enough'));
        self::assertNull($wait(null));
    }

    /** No second header can be smuggled in, no file:// address be asked. */
    public function testAnEndpointIsChecked(): void
    {
        foreach ([['file:///etc', 'token'], ['http://localhost', "a\r\nX-Evil: 1"]] as [$url, $token]) {
            try {
                new Endpoint($url, $token, 1, 1);
                self::fail('It was accepted.');
            } catch (\InvalidArgumentException $fault) {
                self::assertStringNotContainsString('Evil', $fault->getMessage());
            }
        }
    }

    /** What a queue in a database does with it. */
    public function testAJobSurvivesSerialization(): void
    {
        $job = unserialize(serialize(new RecognizeAudio('/recordings/1.wav')));

        self::assertInstanceOf(RecognizeAudio::class, $job);
        self::assertSame(['/recordings/1.wav', 3900, 5], [$job->apiRequest, $job->timeout, $job->tries]);
    }

    /** `php artisan vendor:publish --tag=stenograf-config` has something to publish. */
    public function testTheConfigurationCanBePublished(): void
    {
        $paths = \Illuminate\Support\ServiceProvider::pathsToPublish(group: 'stenograf-config');

        self::assertCount(1, $paths);
        self::assertFileExists((string) array_key_first($paths));
        self::assertStringEndsWith('config/stenograf.php', (string) current($paths));
    }
}
