"""Minutes in the meeting's own sentences: topics, points, decisions, tasks and open questions."""
