<?php

declare(strict_types=1);

namespace Stenograf\Laravel\Tests;

use RuntimeException;
use Symfony\Component\Process\Process;

/** What the tests stand on: recordings and models of the assets, the Python that has Stenograf, folders of their own. */
final class Stage
{
    public const TOKEN = 'a_secure_random_token_for_tests';

    public const ROOT = __DIR__.'/../../..';

    private static ?string $folder = null;

    public static function python(): string
    {
        return getenv('STENOGRAF_PYTHON') ?: self::ROOT.'/.venv/bin/python';
    }

    /** Eleven seconds of English. */
    public static function jfk(): string
    {
        return self::assets().'/audio/asr/jfk.flac';
    }

    /** Its last four seconds: where the road matters more than the words. */
    public static function endOfJfk(): string
    {
        $path = self::folder().'/end.wav';
        (new Process(['ffmpeg', '-v', 'error', '-y', '-ss', '7', '-i', self::jfk(), $path]))->mustRun();

        return $path;
    }

    /** Thirty seconds of two people. */
    public static function conversation(): string
    {
        return self::assets().'/audio/diarization/pyannote-sample/sample.wav';
    }

    /** A small file for servers that do not listen to it. */
    public static function small(): string
    {
        $path = self::folder().'/small.wav';
        file_put_contents($path, str_repeat("\0", 2000));

        return $path;
    }

    /** @return array<string, string> no network; of models only the speaker encoder */
    public static function environment(): array
    {
        return [
            'STENOGRAF_DATA_DIR' => self::folder().'/library',
            'STENOGRAF_MODELS_DIR' => self::folder().'/models',
            'STENOGRAF_OFFLINE' => 'true',
            'STENOGRAF_LANG' => 'en',
            'HF_HOME' => self::folder().'/hub',
        ];
    }

    /** `stenograf serve` as it is. */
    public static function service(): Program
    {
        $environment = self::environment() + ['DIARIZATION_TOKEN' => self::TOKEN];
        $command = [self::python(), '-m', 'stenograf', 'serve', '--port', '{port}'];

        return new Program($command, '/ready', $environment, self::folder());
    }

    /** A server that only plays one: tests/fake/service.php says which parts. */
    public static function fakeService(): Program
    {
        $limits = ['-d', 'upload_max_filesize=1G', '-d', 'post_max_size=1G'];
        $command = [PHP_BINARY, ...$limits, '-S', '127.0.0.1:{port}', __DIR__.'/fake/service.php'];

        return new Program($command, '/ready', ['FAKE_FOLDER' => self::folder(), 'PHP_CLI_SERVER_WORKERS' => '4']);
    }

    public static function folder(): string
    {
        if (self::$folder === null) {
            self::$folder = sys_get_temp_dir().'/stenograf-laravel-'.bin2hex(random_bytes(6));
            mkdir(self::$folder.'/models', recursive: true);
            symlink(self::assets().'/models/ge2e', self::$folder.'/models/ge2e');
            register_shutdown_function(static fn () => exec('rm -rf '.escapeshellarg((string) self::$folder)));
        }

        return self::$folder;
    }

    private static function assets(): string
    {
        $folder = realpath(getenv('STENOGRAF_TEST_ASSETS') ?: self::ROOT.'/../shared/assets');

        return $folder ?: throw new RuntimeException('no test assets: set STENOGRAF_TEST_ASSETS');
    }
}
