"""What a file is, before its sound is decoded."""
