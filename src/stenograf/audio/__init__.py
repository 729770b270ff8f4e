"""Files in, sound out: probing, decoding, channels, features."""
