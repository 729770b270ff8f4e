<?php

declare(strict_types=1);

namespace Stenograf\Laravel;

use Illuminate\Http\Request;
use SplFileInfo;
use Stenograf\Laravel\Exceptions\RecordingMissing;
use Symfony\Component\HttpFoundation\File\UploadedFile;

/** A file of sound on this machine, and what is known about it. */
final class Recording
{
    private const UPLOAD_FIELDS = ['file', 'audio', 'audioFile'];

    private const WISHES = ['language', 'num_speakers', 'min_speakers', 'max_speakers'];

    /** @param array<string, scalar> $wishes language, num_speakers, min_speakers, max_speakers: those that are known */
    private function __construct(
        public readonly string $path,
        public readonly string $name,
        public readonly array $wishes,
    ) {
    }

    /**
     * The file at a path; `$name` is what the service is told.
     *
     * @param array<mixed> $wishes
     *
     * @throws RecordingMissing where there is none
     */
    public static function at(string $path, ?string $name = null, array $wishes = []): self
    {
        $real = is_file($path) && is_readable($path) ? realpath($path) : false;
        if ($real === false) {
            throw new RecordingMissing("No readable recording at {$path}.");
        }

        return new self($real, $name ?? basename($real), self::known($wishes));
    }

    /**
     * The recording of a request: an HTTP request with an upload, an uploaded file, a path, or a model that keeps a path.
     *
     * Arrays are refused: they may be what a stranger sent, who would then choose which file is read.
     *
     * @param list<string> $pathAttributes where a model may keep it
     *
     * @throws RecordingMissing where there is none
     */
    public static function of(mixed $request, array $pathAttributes): self
    {
        return match (true) {
            $request instanceof self => $request,
            is_string($request) => self::at($request),
            $request instanceof SplFileInfo => self::ofFile($request, []),
            $request instanceof Request => self::ofFile(self::upload($request), $request->input()),
            is_object($request) => self::ofModel($request, $pathAttributes),
            default => throw new RecordingMissing('A recording cannot be made of '.get_debug_type($request).'.'),
        };
    }

    private static function upload(Request $request): SplFileInfo
    {
        foreach (self::UPLOAD_FIELDS as $field) {
            $file = $request->file($field);
            if ($file instanceof SplFileInfo) {
                return $file;
            }
        }
        throw new RecordingMissing('The request has no upload named '.implode(', ', self::UPLOAD_FIELDS).'.');
    }

    /** @param array<mixed> $wishes */
    private static function ofFile(SplFileInfo $file, array $wishes): self
    {
        $name = $file instanceof UploadedFile ? $file->getClientOriginalName() : null;

        return self::at($file->getPathname(), $name, $wishes);
    }

    /** @param list<string> $pathAttributes */
    private static function ofModel(object $model, array $pathAttributes): self
    {
        $wishes = [];
        foreach (self::WISHES as $wish) {
            $wishes[$wish] = data_get($model, $wish);
        }
        foreach ($pathAttributes as $attribute) {
            $path = data_get($model, $attribute);
            if (is_string($path) && $path !== '') {
                return self::at($path, wishes: $wishes);
            }
        }
        throw new RecordingMissing('The request keeps no path under '.implode(', ', $pathAttributes).'.');
    }

    /**
     * @param array<mixed> $wishes
     *
     * @return array<string, scalar>
     */
    private static function known(array $wishes): array
    {
        $known = array_intersect_key($wishes, array_flip(self::WISHES));

        return array_filter($known, static fn (mixed $value): bool => is_scalar($value) && $value !== '');
    }
}
