<?php

declare(strict_types=1);

// Composer's loader where there is one, else Debian's packages (php-laravel-framework).
error_reporting(E_ALL & ~E_DEPRECATED);
$vendor = __DIR__.'/../vendor/autoload.php';
if (is_file($vendor)) {
    require_once $vendor;
} else {
    require_once 'Illuminate/autoload.php';
    spl_autoload_register(static function (string $class): void {
        $roots = ['Stenograf\\Laravel\\Tests\\' => __DIR__, 'Stenograf\\Laravel\\' => __DIR__.'/../src'];
        foreach ($roots as $prefix => $folder) {
            $file = $folder.'/'.str_replace('\\', '/', substr($class, strlen($prefix))).'.php';
            if (str_starts_with($class, $prefix) && is_file($file)) {
                require_once $file;

                return;
            }
        }
    });
}
