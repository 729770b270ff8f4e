"""What is kept: recordings, transcripts with their history, jobs, keys, webhooks."""
