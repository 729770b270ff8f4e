"""Words to speakers, speakers to utterances. Pure functions."""
