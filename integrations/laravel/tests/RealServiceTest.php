<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Tests;

use Illuminate\Http\Request;
use Illuminate\Http\UploadedFile;
use Stenograf\Laravel\AudioRecognitionTask;
use Stenograf\Laravel\Diarizer;
use Stenograf\Laravel\Events\AudioRecognitionFailed;
use Stenograf\Laravel\Events\AudioRecognized;
use Stenograf\Laravel\Events\ServiceReplaced;
use Stenograf\Laravel\Exceptions\LocalRunFailed;
use Stenograf\Laravel\Exceptions\RequestRefused;
use Stenograf\Laravel\Exceptions\Unauthenticated;
use Stenograf\Laravel\Jobs\RecognizeAudio;
use Stenograf\Laravel\Recording;

/** The package against `stenograf serve`, then without it. */
final class RealServiceTest extends TestCase
{
    private static Program $service;

    public static function setUpBeforeClass(): void
    {
        self::$service = Stage::service();
    }

    public static function tearDownAfterClass(): void
    {
        self::$service->stop();
    }

    protected function setUp(): void
    {
        parent::setUp();
        $this->configure(['service.url' => self::$service->url]);
    }

    /** The brief's example, with an HTTP request that brings a file. */
    public function testARequestGetsWordsAndSpeakers(): void
    {
        $upload = new UploadedFile(Stage::jfk(), 'speech.flac', test: true);
        $apiRequest = Request::create('/', 'POST', ['language' => 'en', 'num_speakers' => '1'], files: ['file' => $upload]);

        $task = new AudioRecognitionTask($apiRequest);
        $result = $task->handle();

        self::assertSame(['transcription', 'diarization'], array_keys($result));
        self::assertStringContainsString('country', $result['transcription']);
        self::assertSame(['SPEAKER_00'], array_values(array_unique(array_column($result['diarization'], 'speaker'))));
        self::assertSame(['speaker', 'start', 'end'], array_keys($result['diarization'][0]));
        self::assertSame([], $this->events);
    }

    /** Two people, in order of start, over the length of the recording. */
    public function testAConversationHasTwoSpeakers(): void
    {
        $found = $this->app->make(Diarizer::class)->diarize(Recording::at(Stage::conversation()));

        self::assertEqualsWithDelta(30, $found->duration, 0.5);
        $speakers = array_unique(array_column($found->toArray(), 'speaker'));
        self::assertContains('SPEAKER_00', $speakers);
        self::assertContains('SPEAKER_01', $speakers);
        $starts = $ordered = array_column($found->toArray(), 'start');
        sort($ordered);
        self::assertSame($ordered, $starts);
    }

    /** 401, and this machine does not take over: somebody has to correct the token. */
    public function testAWrongTokenIsSaid(): void
    {
        $this->configure(['service.token' => 'wrong', 'fallback.enabled' => true]);
        $this->expectException(Unauthenticated::class);
        $this->app->make(Diarizer::class)->diarize(Recording::at(Stage::jfk()));
    }

    /** The sentence of the service comes through. */
    public function testAFileWithoutSoundIsRefused(): void
    {
        try {
            $this->app->make(Diarizer::class)->diarize(Recording::at(__FILE__));
            self::fail('It was accepted.');
        } catch (RequestRefused $fault) {
            self::assertContains($fault->status, [415, 422]);
            self::assertStringNotContainsString('The service answered', $fault->getMessage());
        }
    }

    /** A job goes through a queue's serialization, and tells its end as an event. */
    public function testAQueuedJobTellsItsResult(): void
    {
        RecognizeAudio::dispatch($this->english());

        self::assertCount(1, $this->events);
        self::assertInstanceOf(AudioRecognized::class, $this->events[0]);
        self::assertEquals($this->english(), $this->events[0]->apiRequest);
        self::assertStringContainsString('you can do', $this->events[0]->result['transcription']);
    }

    /** What trying again cannot mend ends the job at once. */
    public function testAQueuedJobTellsItsFailure(): void
    {
        RecognizeAudio::dispatch(Stage::folder().'/nothing.wav');

        self::assertCount(1, $this->events);
        self::assertInstanceOf(AudioRecognitionFailed::class, $this->events[0]);
    }

    /** The service is stopped: the same task answers by diarize.py and the local transcription. */
    public function testAStoppedServiceIsReplacedByThisMachine(): void
    {
        $there = $this->app->make(Diarizer::class)->diarize(Recording::at(Stage::endOfJfk()));
        $gone = Stage::fakeService();
        $gone->stop();
        $this->configure(['service.url' => $gone->url, 'fallback.enabled' => true]);

        $result = (new AudioRecognitionTask($this->english()))->handle();

        self::assertStringContainsString('you can do', $result['transcription']);
        self::assertEquals($there->toArray(), $result['diarization']);
        self::assertSame([ServiceReplaced::class, ServiceReplaced::class], array_map(get_class(...), $this->events));
    }

    /** The sentence that diarize.py printed. */
    public function testALocalErrorIsSaid(): void
    {
        $this->configure(['service.url' => 'http://127.0.0.1:1', 'fallback.enabled' => true]);
        $this->expectException(LocalRunFailed::class);
        $this->expectExceptionMessageMatches('/small.wav/');
        $this->app->make(Diarizer::class)->diarize(Recording::at(Stage::small()));
    }

    /** What an application's model might be. */
    private function english(): object
    {
        return (object) ['audio_path' => Stage::endOfJfk(), 'language' => 'en'];
    }
}
